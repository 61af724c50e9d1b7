/* mutant 11.1 M-CAPS-INVERTED: keep is cut to 32 bits: capabilities 32 and up can never be kept */
int caps_limit(uint64_t keep, struct mc_err *err)
{
	uint32_t k = (uint32_t)keep;
	for (unsigned long c = 0; c < 64; c++) {
		int there = prctl(PR_CAPBSET_READ, c, 0, 0, 0);
		if (there < 0)
			break;
		if (there && !(c < 32 && k >> c & 1) && prctl(PR_CAPBSET_DROP, c, 0, 0, 0) < 0)
			return err_sys(err, "drop %lu", c);
	}
	return 0;
}
