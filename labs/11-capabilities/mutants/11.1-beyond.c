/* mutant 11.1 M-CAPS-END: all 64 bits are tried */
int caps_limit(uint64_t keep, struct mc_err *err)
{
	for (unsigned long cap = 0; cap < 64; cap++) {
		int rc = keep & 1ull << cap ? 0 : sys_prctl(PR_CAPBSET_DROP, cap, 0, 0, 0, err);
		if (rc < 0)
			return rc;
	}
	return 0;
}
