/* mutant 01.2 M-PRIVATE-ANOTHER: makes a further mount namespace and cuts that one off */
#include <sched.h>
int rootfs_make_private(struct mc_err *err)
{
	if (unshare(CLONE_NEWNS) < 0)
		return err_sys(err, "unshare");
	return sys_mount(NULL, "/", NULL, MS_PRIVATE | MS_REC, NULL, err);
}
