/*
 * rootfs.c - the container's own "/": from chroot(2), which only hides the host, to pivot_root(2), which
 * removes it.
 *
 * Kernel objects: the mount namespace (mount_namespaces(7)), a tree of mounts, each with its own flags and
 * its own propagation (shared, slave, private); the root and working directory of a process
 * (path_resolution(7)).
 *
 * Order and why (init.c calls these one after the other):
 *   make_private   else every mount made here is repeated on the host
 *   bind_self      pivot_root(2) wants the new root to be a mount
 *   mount ...      while the host is still reachable: sources of binds, and a visible /proc, without which
 *                  the kernel does not let a user namespace mount another one
 *   pivot          takes the host's tree away
 *   set_readonly   last: the steps before make directories
 *
 * Targets inside the new root are found by openat2(2) RESOLVE_IN_ROOT, so an image that has /proc as a
 * symlink to ../../etc gets a mount on its own /etc and never on ours (CVE-2021-30465).
 * Left out: which mounts there are (mounts.c), devices (dev.c), masks (masks.c).
 */
#include "runtime/rootfs.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/mount.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/file.h"
#include "base/sys.h"

/*
 * Makes dir the "/" of this process, and its working directory. This hides the host and nothing more: a
 * root who keeps a directory descriptor, or calls chroot(2) once again, climbs out (chroot(2), NOTES).
 *
 * Lab 01.1: a process has a root and a working directory, and they are two things.
 */
int rootfs_chroot(const char *dir, struct mc_err *err)
{
	int rc = sys_chroot(dir, err);
	if (rc < 0)
		return rc;
	return sys_chdir("/", err); /* without it "." is still outside, and so is "../../.." */
}

/*
 * Cuts the whole mount tree of this mount namespace off from the one it was copied from: no mount made here
 * appears there, none made there appears here (neither shared nor slave).
 *
 * Lab 01.2: a new mount namespace is a copy whose mounts still tell each other what happens.
 */
int rootfs_make_private(struct mc_err *err)
{
	/* MS_REC: propagation is a property of each single mount, not of the tree. */
	int rc = sys_mount(NULL, "/", NULL, MS_PRIVATE | MS_REC, NULL, err);
	if (rc == -EINVAL)
		err_hint(err, "\"/\" is no mount point here, as in a chroot: bind it onto itself before the "
			      "chroot");
	return rc;
}

/*
 * Makes dir, with everything mounted beneath it, a mount of its own, and opens it: *ret_root is the root of
 * the new mount (O_PATH is enough; O_CLOEXEC; the caller closes).
 *
 * Lab 01.3: pivot_root(2) exchanges mounts, so the new root has to be one.
 */
int rootfs_bind_self(const char *dir, int *ret_root, struct mc_err *err)
{
	int rc = sys_mount(
		dir, dir, NULL, MS_BIND | MS_REC, NULL, err); /* MS_REC: volumes mounted there come along */
	if (rc < 0)
		return rc;
	/* Open after the bind: an older descriptor would still mean the directory below the new mount. */
	rc = sys_open(AT_FDCWD, dir, O_PATH | O_DIRECTORY, 0, err);
	if (rc < 0)
		return rc;
	*ret_root = rc;
	return 0;
}

/*
 * Makes root (a descriptor of the root of a mount) the "/" of this mount namespace, takes the old root out of
 * it and leaves the caller in the new "/". Afterwards no path leads to a file of the host. `root` stays the
 * caller's.
 *
 * Lab 01.4: the old root must be unreachable, not only out of sight.
 */
int rootfs_pivot(int root, struct mc_err *err)
{
	int rc;
	if ((rc = sys_fchdir(root, err)) < 0)
		return rc;
	/*
	 * Put the old root on top of the new one, at the same place: it needs no directory (pivot_root(2)).
	 */
	if ((rc = sys_pivot_root(".", ".", err)) < 0)
		return err_hint(
			err, "the new root must be a mount point, and its parent mount must not be shared");
	/* "." is now the old root. MNT_DETACH: our own executable is still in use there. */
	if ((rc = sys_umount(".", MNT_DETACH, err)) < 0)
		return rc;
	return sys_chdir("/", err);
}

/* Path of an open descriptor for calls that take only paths. */
static const char *fd_name(int fd, char out[40])
{
	snprintf(out, 40, "/proc/self/fd/%d", fd);
	return out;
}

/*
 * Makes one mount inside the root m->root. Creates m->target when it is missing; it never leads out of that
 * root. A bind with more flags (MS_RDONLY, MS_NOSUID ...) has all of them afterwards. No descriptor is left
 * open.
 *
 * Lab 01.5: each container has its own file systems for /proc, /dev, /sys: same types, not same mounts.
 */
int rootfs_mount(const struct mount_plan *m, struct mc_err *err)
{
	char name[40];
	const unsigned long bind = MS_BIND | MS_REC;
	_cleanup_close_ int target = rootfs_target(m->root, m->target, m->is_file, err);
	if (target < 0)
		return target;
	unsigned long flags = m->flags & MS_BIND ? m->flags & bind : m->flags;
	int rc = sys_mount(m->source, fd_name(target, name), m->fstype, flags, m->data, err);
	if (rc < 0)
		return err_wrap(err, "mount of %s", m->target);
	if (!(m->flags & MS_BIND) || !(m->flags & ~bind))
		return 0;
	/*
	 * The first call ignored the other flags: a bind has the flags of its source until a remount. Open
	 * the target again, because our descriptor still means the directory below the new mount.
	 */
	_cleanup_close_ int mounted = rootfs_target(m->root, m->target, m->is_file, err);
	if (mounted < 0)
		return mounted;
	flags = MS_REMOUNT | MS_BIND | (m->flags & ~(unsigned long)MS_REC);
	rc = sys_mount(NULL, fd_name(mounted, name), NULL, flags, NULL, err);
	return rc < 0 ? err_wrap(err, "flags of the mount on %s", m->target) : 0;
}

/*
 * Makes "/" read-only for this mount namespace, and only that mount: /dev, /proc and volumes stay as they
 * are, and the file system itself stays writable where else it is mounted. Flags that the mount had
 * (nosuid, nodev) stay.
 *
 * Lab 01.6: read-only is a flag of a mount, and also one of a file system; it matters which.
 */
int rootfs_set_readonly(struct mc_err *err)
{
	/*
	 * Pass the present flags again: a remount replaces all flags, and dropping one that came from outside
	 * a user namespace is EPERM. ST_* and MS_* have the same values for these three.
	 */
	struct statvfs now;
	if (statvfs("/", &now) < 0)
		return err_sys(err, "statvfs(\"/\")");
	unsigned long keep = now.f_flag & (MS_NOSUID | MS_NODEV | MS_NOEXEC);
	/* MS_BIND: without it the call would remount the file system itself, on the host too. */
	return sys_mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | keep, NULL, err);
}
