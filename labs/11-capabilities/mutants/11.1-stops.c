/* mutant 11.1 M-CAPS-STOPS: one that is gone is taken for the end */
int caps_limit(uint64_t keep, struct mc_err *err)
{
	for (unsigned long cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) == 1; cap++) {
		int rc = keep & 1ull << cap ? 0 : sys_prctl(PR_CAPBSET_DROP, cap, 0, 0, 0, err);
		if (rc < 0)
			return rc;
	}
	return 0;
}
