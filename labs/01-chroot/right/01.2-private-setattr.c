/* right 01.2: mount_setattr(2) with AT_RECURSIVE */
#include <linux/mount.h>
#include <sys/syscall.h>
int rootfs_make_private(struct mc_err *err)
{
	struct mount_attr a = { .propagation = MS_PRIVATE };
	if (syscall(SYS_mount_setattr, AT_FDCWD, "/", AT_RECURSIVE, &a, sizeof(a)) < 0)
		return err_sys(err, "mount_setattr");
	return 0;
}
