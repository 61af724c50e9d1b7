/* mutant 11.4 M-SECCOMP-LATE: the filter first, then the promise */
int seccomp_apply(const struct seccomp_plan *p, struct mc_err *err)
{
	struct sock_fprog program = { .len = p->n, .filter = (struct sock_filter *)p->filter };
	int rc = p->filter ? sys_seccomp(SECCOMP_SET_MODE_FILTER, p->flags, &program, err) : 0;

	if (rc >= 0 && p->no_new_privs) {
		int promised = sys_prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0, err);
		return promised < 0 ? promised : rc;
	}
	return rc;
}
