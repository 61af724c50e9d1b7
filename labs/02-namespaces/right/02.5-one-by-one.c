/* right 02.5: one kind after the other, all by the same descriptor */
int namespace_join(int pidfd, uint64_t flags, struct mc_err *err)
{
	for (int kind = 0; kind < NS_KINDS; kind++) {
		uint64_t flag = namespace_flag((enum namespace_kind)kind);
		int rc = flags & flag ? sys_setns(pidfd, (int)flag, err) : 0;
		if (rc < 0)
			return rc;
	}
	return 0;
}
