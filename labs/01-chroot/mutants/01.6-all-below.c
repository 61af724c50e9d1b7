/* mutant 01.6 M-READONLY-ALL: every mount below becomes read-only */
#include <linux/mount.h>
int rootfs_set_readonly(struct mc_err *err)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY };
	return sys_mount_setattr(AT_FDCWD, "/", 0x8000, &attr, err);
}
