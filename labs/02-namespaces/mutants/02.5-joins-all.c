/* mutant 02.5 M-JOIN-ALL: joins all namespaces whatever the flags say */
#include <sched.h>
int namespace_join(int pidfd, uint64_t flags, struct mc_err *err)
{
	return flags ? sys_setns(pidfd, CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWCGROUP, err) : 0;
}
