/* mutant 02.1 M-NS-ALWAYS: all kinds, always */
uint64_t namespace_flags(const struct namespace_plan *p)
{
	return CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWCGROUP;
}
