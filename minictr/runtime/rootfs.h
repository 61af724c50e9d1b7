/*
 * rootfs.h - the container's own "/": a mount tree that no other process shares (mount_namespaces(7),
 * pivot_root(2)).
 *
 * Typical, in the child after clone3(CLONE_NEWNS):
 *     rootfs_make_private(err); rootfs_bind_self("/bundle/rootfs", &root, err);
 *     rootfs_mount(&plan, err) ...; rootfs_pivot(root, err); rootfs_set_readonly(err);
 * Targets are resolved inside `root` by openat2(2) RESOLVE_IN_ROOT: the image's own symlinks never lead out.
 */
#ifndef MC_RUNTIME_ROOTFS_H
#define MC_RUNTIME_ROOTFS_H

#include "base/err.h"
#include "runtime/config.h"

/* One mount(2) inside the new root. */
struct mount_plan {
	int root;            /* descriptor of the new root; AT_FDCWD: paths are taken as they are */
	const char *source;  /* "proc", "tmpfs", a host path for a bind; may be NULL */
	const char *target;  /* path inside root; made when missing */
	const char *fstype;  /* "proc"; NULL for a bind */
	unsigned long flags; /* MS_* */
	const char *data;    /* options of the file system; may be NULL */
	bool is_file;        /* target is a file (bind of a file), not a directory */
};

/* Lab 01, one function per task; contracts stand in rootfs.c. All 0 or -errno. */
int rootfs_chroot(const char *dir, struct mc_err *err); /* chroot(2) */
int rootfs_make_private(struct mc_err *err);            /* mount_namespaces(7) */
int rootfs_bind_self(
	const char *dir, int *ret_root, struct mc_err *err);      /* mount(2) MS_BIND; caller closes */
int rootfs_pivot(int root, struct mc_err *err);                   /* pivot_root(2) */
int rootfs_mount(const struct mount_plan *m, struct mc_err *err); /* mount(2) */
int rootfs_set_readonly(struct mc_err *err);                      /* mount(2) MS_REMOUNT|MS_BIND */

/* Opens (O_PATH) what stands at path inside root, making missing directories and, with is_file, an empty
 * file. Never leaves root, whatever symlinks the image planted. Returns the descriptor. */
int rootfs_target(int root, const char *path, bool is_file, struct mc_err *err);
/* The same for a directory of ours (/proc, /sys, /dev): -EPERM when any part of path is a link. */
int rootfs_system_dir(int root, const char *path, struct mc_err *err);
/* Before mounting m: -EPERM when the image leads m elsewhere, so that masks.c would cover the wrong place. */
int rootfs_check_mount(int root, const struct config_mount *m, struct mc_err *err);
/* The same for an open target: inside a proc file system only a few files may be mounted on. */
int rootfs_check_target(int target, const char *destination, struct mc_err *err);
/* Attaches a detached mount (fsmount(2), open_tree(2)) as the new root over "/", no mount point needed. */
int rootfs_attach(int detached, struct mc_err *err);
/* Attaches a detached mount on the descriptor target. */
int rootfs_attach_at(int detached, int target, struct mc_err *err);

#endif
