/* mutant 02.4 M-HOST-ANOTHER: makes one more UTS namespace and names that */
#include <sched.h>
int namespace_set_hostname(const char *name, struct mc_err *err)
{
	if (strlen(name) > 64)
		return err_set(err, ENAMETOOLONG, "long");
	if (unshare(CLONE_NEWUTS) < 0)
		return err_sys(err, "unshare");
	return sys_sethostname(name, err);
}
