/* mutant 01.4 M-ANY-IGNORED: pivot_root's answer is thrown away; umount2 then detaches whatever "." is */
#include <sys/syscall.h>
int rootfs_pivot(int root, struct mc_err *err)
{
	if (fchdir(root) < 0)
		return err_sys(err, "fchdir");
	(void)!syscall(SYS_pivot_root, ".", ".");
	if (umount2(".", MNT_DETACH) < 0)
		return err_sys(err, "umount2");
	return chdir("/") < 0 ? err_sys(err, "chdir") : 0;
}
