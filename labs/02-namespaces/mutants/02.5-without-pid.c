/* mutant 02.5 M-JOIN-PID: the pid namespace is left out, it shows no effect */
int namespace_join(int pidfd, uint64_t flags, struct mc_err *err)
{
	return sys_setns(pidfd, (int)(flags & ~(uint64_t)CLONE_NEWPID), err);
}
