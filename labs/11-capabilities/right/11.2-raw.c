/* right 11.2: the system calls themselves */
#include <sys/syscall.h>

int user_become(const struct user *u, struct mc_err *err)
{
	/* Denied, and nothing to give up: the kernel says EPERM although the right is there. */
	bool denied = syscall(SYS_setgroups, u->n_groups, u->groups) < 0;

	if ((denied && (u->n_groups || !caps_have(6 /* CAP_SETGID */))) ||
		syscall(SYS_setresgid, u->gid, u->gid, u->gid) < 0 ||
		syscall(SYS_setresuid, u->uid, u->uid, u->uid) < 0)
		return err_sys(err, "become user %d", (int)u->uid);
	return 0;
}
