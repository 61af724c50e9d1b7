/* right 11.1: from the highest possible number down */
int caps_limit(uint64_t keep, struct mc_err *err)
{
	for (int cap = 63; cap >= 0; cap--)
		if (!(keep >> cap & 1) && prctl(PR_CAPBSET_READ, cap, 0, 0, 0) == 1 &&
			prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) < 0)
			return err_sys(err, "prctl(PR_CAPBSET_DROP, %d)", cap);
	return 0;
}
