/* mutant 02.5 M-JOIN-SOME: one kind is left out */
int namespace_join(int pidfd, uint64_t flags, struct mc_err *err)
{
	/*
	 * One call for all: the kernel joins the user namespace first, which gives the capabilities to join
	 * the others, and no path vanishes half-way because the mount namespace changed.
	 */
	return flags ? sys_setns(pidfd, (int)(flags & ~(uint64_t)CLONE_NEWUTS), err) : 0;
}
