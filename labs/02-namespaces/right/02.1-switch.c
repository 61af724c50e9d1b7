/* right 02.1: written out, kind by kind */
uint64_t namespace_flags(const struct namespace_plan *p)
{
	uint64_t flags = 0;

#define WANT(kind, bit)                                                                                      \
	if (p->ns[kind].wanted && !p->ns[kind].path)                                                         \
	flags |= bit
	WANT(NS_USER, CLONE_NEWUSER);
	WANT(NS_MOUNT, CLONE_NEWNS);
	WANT(NS_PID, CLONE_NEWPID);
	WANT(NS_UTS, CLONE_NEWUTS);
	WANT(NS_IPC, CLONE_NEWIPC);
	WANT(NS_NET, CLONE_NEWNET);
	WANT(NS_CGROUP, CLONE_NEWCGROUP);
	WANT(NS_TIME, CLONE_NEWTIME);
#undef WANT
	return flags;
}
