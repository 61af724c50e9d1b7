/* right 11.4: the older way in: prctl(PR_SET_SECCOMP) */
int seccomp_apply(const struct seccomp_plan *p, struct mc_err *err)
{
	struct sock_fprog program = { .len = p->n, .filter = (struct sock_filter *)p->filter };

	if (p->no_new_privs && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return err_sys(err, "prctl(PR_SET_NO_NEW_PRIVS)");
	if (!p->filter)
		return 0;
	if (p->flags) /* prctl has no room for them */
		return sys_seccomp(SECCOMP_SET_MODE_FILTER, p->flags, &program, err);
	return prctl(PR_SET_SECCOMP, 2, &program) < 0 ? err_sys(err, "prctl(PR_SET_SECCOMP)") : 0;
}
