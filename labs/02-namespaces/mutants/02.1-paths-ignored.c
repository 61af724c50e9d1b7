/* mutant 02.1 M-NS-ALWAYS: a namespace given by path is made anew */
uint64_t namespace_flags(const struct namespace_plan *p)
{
	uint64_t flags = 0;

	for (int kind = 0; kind < NS_KINDS; kind++)
		if (p->ns[kind].wanted)
			flags |= namespace_flag((enum namespace_kind)kind);
	return flags;
}
