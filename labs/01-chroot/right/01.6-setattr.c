/* right 01.6: mount_setattr(2) on / */
#include <linux/mount.h>
#include <sys/syscall.h>
int rootfs_set_readonly(struct mc_err *err)
{
	struct mount_attr a = { .attr_set = MOUNT_ATTR_RDONLY };
	if (syscall(SYS_mount_setattr, AT_FDCWD, "/", 0, &a, sizeof(a)) < 0)
		return err_sys(err, "mount_setattr");
	return 0;
}
