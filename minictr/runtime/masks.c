/*
 * masks.c - covers (masks) or makes read-only the parts of /proc and /sys that namespaces do not separate.
 *
 * A masked directory is covered by an empty read-only tmpfs, a masked file by the host's /dev/null. We open
 * that one on the host's side and check that it is the null device: an image that brings its own "/dev/null",
 * or exchanges it while we work, gains nothing (CVE-2025-31133). The mount is read-only, or root in the
 * container could change mode, owner or times of the host's /dev/null; writing to the device still works. We
 * open each target inside the new root first, then mount on the descriptor. One tmpfs serves all directories:
 * clones of one mount cost a third of new ones.
 */
#include "runtime/mounts.h"

#include <fcntl.h>
#include <linux/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/file.h"
#include "base/sys.h"
#include "runtime/rootfs.h"

#define CLONE_OF_FD (OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH)

/* A read-only mount that covers. The first path gets the mount itself, later ones clones of it. */
struct cover {
	int mount; /* -1 until needed */
	bool attached;
};

static int open_null(struct mc_err *err)
{
	struct stat st;
	_cleanup_close_ int fd = sys_open(AT_FDCWD, "/dev/null", O_PATH | O_NOFOLLOW, 0, err);
	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0 || !S_ISCHR(st.st_mode) || st.st_rdev != makedev(1, 3))
		return err_set(err, ENODEV, "/dev/null of the host is not the null device");
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY };
	_cleanup_close_ int tree = sys_open_tree(fd, "", CLONE_OF_FD, err);
	int rc = tree < 0 ? tree : sys_mount_setattr(tree, "", AT_EMPTY_PATH, &attr, err);
	return rc < 0 ? rc : take_fd(&tree);
}

static int open_empty(struct mc_err *err)
{
	int rc;
	_cleanup_close_ int fs = sys_fsopen("tmpfs", err);
	if (fs < 0)
		return fs;
	if ((rc = sys_fsconfig_string(fs, "mode", "0755", err)) < 0 ||
		(rc = sys_fsconfig_flag(fs, "ro", err)) < 0 || (rc = sys_fsconfig_create(fs, err)) < 0)
		return rc;
	return sys_fsmount(
		fs, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC, err);
}

/* A clone keeps the read-only flag. Before Linux 6.15 only a mount that is attached can be cloned. */
static int cover(struct cover *with, int place, struct mc_err *err)
{
	if (with->mount < 0)
		return with->mount;
	if (!with->attached) {
		with->attached = true;
		return rootfs_attach_at(with->mount, place, err);
	}
	_cleanup_close_ int tree = sys_open_tree(with->mount, "", CLONE_OF_FD, err);
	return tree < 0 ? tree : rootfs_attach_at(tree, place, err);
}

static int mask_one(struct cover *null, struct cover *empty, int place, struct mc_err *err)
{
	struct stat st;
	if (fstat(place, &st) < 0)
		return err_sys(err, "fstat");
	struct cover *with = S_ISDIR(st.st_mode) ? empty : null;
	if (with->mount < 0)
		with->mount = with == empty ? open_empty(err) : open_null(err);
	return cover(with, place, err);
}

/* Opens path inside root; -ENOENT and -ENOTDIR: not there, so nothing is to be hidden. */
static int open_place(int root, const char *path, struct mc_err *err)
{
	return file_open_beneath(root, path, O_PATH, 0, err);
}

int mask_paths(const struct config *c, int root, struct mc_err *err)
{
	struct cover null = { .mount = -1 }, empty = { .mount = -1 };
	int rc = 0;
	for (size_t i = 0; i < strv_len(c->masked_paths) && rc >= 0; i++) {
		struct mc_err ignored = { 0 };
		_cleanup_close_ int place = open_place(root, c->masked_paths[i], &ignored);
		if (place == -ENOENT || place == -ENOTDIR)
			continue;
		rc = place < 0 ? open_place(root, c->masked_paths[i], err)
			       : mask_one(&null, &empty, place, err);
		if (rc < 0)
			err_wrap(err, "masking %s", c->masked_paths[i]);
	}
	close_fd(null.mount);
	close_fd(empty.mount);
	return rc < 0 ? rc : 0;
}

static int lock_one(int place, struct mc_err *err)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY };
	_cleanup_close_ int tree = sys_open_tree(place, "", CLONE_OF_FD | AT_RECURSIVE, err);
	if (tree < 0)
		return tree;
	int rc = sys_mount_setattr(tree, "", AT_EMPTY_PATH | AT_RECURSIVE, &attr, err);
	return rc < 0 ? rc : rootfs_attach_at(tree, place, err);
}

int lock_paths(const struct config *c, int root, struct mc_err *err)
{
	for (size_t i = 0; i < strv_len(c->readonly_paths); i++) {
		struct mc_err ignored = { 0 };
		_cleanup_close_ int place = open_place(root, c->readonly_paths[i], &ignored);
		if (place == -ENOENT || place == -ENOTDIR)
			continue;
		int rc = place < 0 ? open_place(root, c->readonly_paths[i], err) : lock_one(place, err);
		if (rc < 0)
			return err_wrap(err, "making %s read-only", c->readonly_paths[i]);
	}
	return 0;
}
