/* mutant 11.3 M-CAPS-BOUNDING: the bounding set is cut as well */
int caps_set(const struct cap_sets *s, struct mc_err *err)
{
	int rc = sys_prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0, err);
	for (unsigned long cap = 0; cap < 41; cap++)
		if (!(s->permitted >> cap & 1))
			prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
	if (rc >= 0)
		rc = sys_capset(s->effective, s->permitted, s->inheritable, err);
	for (unsigned long cap = 0; rc >= 0 && cap < 64; cap++)
		if (s->ambient >> cap & 1)
			rc = sys_prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0, err);
	return rc < 0 ? rc : 0;
}
