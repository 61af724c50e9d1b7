/* mutant 11.1 M-CAPS-PERMITTED: the effective and permitted sets are cut as well: nothing can be done afterwards */
int caps_limit(uint64_t keep, struct mc_err *err)
{
	for (unsigned long c = 0; prctl(PR_CAPBSET_READ, c, 0, 0, 0) >= 0; c++)
		if (!(keep >> c & 1) && prctl(PR_CAPBSET_DROP, c, 0, 0, 0) < 0)
			return err_sys(err, "drop %lu", c);
	uint64_t own = caps_own() & keep;
	return sys_capset(own, own, 0, err);
}
