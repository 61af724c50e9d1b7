/* mutant 02.1 M-NS-CGROUP: the cgroup namespace is forgotten */
uint64_t namespace_flags(const struct namespace_plan *p)
{
	uint64_t flags = 0;

	for (int kind = 0; kind < NS_CGROUP; kind++)
		if (p->ns[kind].wanted && !p->ns[kind].path)
			flags |= namespace_flag((enum namespace_kind)kind);
	return flags;
}
