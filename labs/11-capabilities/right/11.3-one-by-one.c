/* right 11.3: inheritable first, ambient bit by bit, then the rest */
int caps_set(const struct cap_sets *s, struct mc_err *err)
{
	uint64_t all = caps_own();
	int rc = sys_capset(all, all, s->inheritable, err);

	for (unsigned long cap = 0; rc >= 0 && cap < 64; cap++) {
		if (s->ambient >> cap & 1)
			rc = sys_prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0, err);
		else if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, cap, 0, 0) == 1)
			rc = sys_prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_LOWER, cap, 0, 0, err);
	}
	if (rc >= 0)
		rc = sys_capset(s->effective, s->permitted, s->inheritable, err);
	return rc < 0 ? rc : 0;
}
