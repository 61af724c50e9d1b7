/* mutant 02.1 M-NS-LIST: the first kind is passed over */
uint64_t namespace_flags(const struct namespace_plan *p)
{
	uint64_t flags = 0;

	for (int i = 1; i < NS_KINDS; i++)
		if (p->ns[i].wanted && !p->ns[i].path)
			flags |= namespace_flag((enum namespace_kind)i);
	return flags;
}
