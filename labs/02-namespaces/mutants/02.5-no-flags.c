/* mutant 02.5 M-JOIN-FLAGS: a pidfd without saying what to join */
int namespace_join(int pidfd, uint64_t flags, struct mc_err *err)
{
	return sys_setns(pidfd, 0, err);
}
