/* mutant 11.3 M-CAPS-EDGE: CAP_LAST_CAP taken for their count */
int caps_set(const struct cap_sets *s, struct mc_err *err)
{
	explain_step("caps.set", 11, "root inside keeps the few capabilities it needs, not all of them");
	/* Ambient bits survive exec of any program: clear those that our starter left. */
	int rc = sys_prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0, err);
	/* All three exactly: an inheritable set that was left full gave files more (CVE-2022-29162). */
	if (rc >= 0)
		rc = sys_capset(s->effective, s->permitted, s->inheritable, err);
	if (rc == -EPERM)
		err_hint(err, "a process can only keep capabilities that it has");
	for (unsigned long cap = 0; rc >= 0 && cap < CAP_LAST_CAP; cap++)
		if (s->ambient >> cap & 1)
			rc = sys_prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0, err);
	return rc < 0 ? rc : 0;
}
