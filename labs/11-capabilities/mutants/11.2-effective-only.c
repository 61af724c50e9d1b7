/* mutant 11.2 M-USER-ALL: only the effective ids */
#include <sys/syscall.h>

int user_become(const struct user *u, struct mc_err *err)
{
	int rc = sys_setgroups(u->n_groups, u->groups, err);

	if (rc < 0)
		return rc;
	if (syscall(SYS_setresgid, -1, u->gid, -1) < 0 || syscall(SYS_setresuid, -1, u->uid, -1) < 0)
		return err_sys(err, "setresuid");
	return 0;
}
