/* mutant 02.5 M-ANY-IGNORED: kind by kind, and only the last answer is returned */
#include <sched.h>
int namespace_join(int pidfd, uint64_t flags, struct mc_err *err)
{
	static const int order[] = { CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWUTS, CLONE_NEWIPC, CLONE_NEWNET, CLONE_NEWCGROUP, CLONE_NEWNS };
	int rc = 0;
	for (size_t i = 0; i < 7; i++)
		if (flags & (uint64_t)order[i])
			rc = setns(pidfd, order[i]);
	return rc < 0 ? err_sys(err, "setns") : 0;
}
