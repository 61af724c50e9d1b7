/* mutant 11.1 M-CAPS-EFFECTIVE: the effective set only */
int caps_limit(uint64_t keep, struct mc_err *err)
{
	return sys_capset(keep & caps_own(), caps_own(), 0, err);
}
