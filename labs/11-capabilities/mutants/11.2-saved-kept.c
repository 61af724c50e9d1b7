/* mutant 11.2 M-USER-ALL: setresuid(uid, uid, -1): the saved id is still root's */
#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>
int user_become(const struct user *u, struct mc_err *err)
{
	int rc = u->n_groups || caps_have(CAP_SETGID) ? sys_setgroups(u->n_groups, u->groups, err) : 0;
	if (rc == -EPERM && !u->n_groups && caps_have(CAP_SETGID))
		rc = 0;
	if (rc < 0 || (rc = sys_setgid(u->gid, err)) < 0)
		return rc;
	return syscall(SYS_setresuid, u->uid, u->uid, -1) < 0 ? err_sys(err, "setresuid") : 0;
}
