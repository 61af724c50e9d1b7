/* mutant 02.5 M-JOIN-NEW: makes new ones instead of joining */
int namespace_join(int pidfd, uint64_t flags, struct mc_err *err)
{
	return sys_unshare((int)flags, err);
}
