/* mutant 11.4 M-SECCOMP-NONE: no_new_privs is taken to be the filter */
#include <sys/prctl.h>
int seccomp_apply(const struct seccomp_plan *p, struct mc_err *err)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return err_sys(err, "prctl(PR_SET_NO_NEW_PRIVS)");
	return 0;
}
