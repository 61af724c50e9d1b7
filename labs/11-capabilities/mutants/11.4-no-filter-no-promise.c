/* mutant 11.4 M-SECCOMP-NNP: without a filter no_new_privs is forgotten */
int seccomp_apply(const struct seccomp_plan *p, struct mc_err *err)
{
	if (!p->filter)
		return 0;
	if (p->no_new_privs) {
		int rc = sys_prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0, err);
		if (rc < 0)
			return rc;
	}
	explain_step("seccomp.apply", 11,
		"most system calls are never needed: what cannot be called cannot be abused");
	struct sock_fprog program = { .len = p->n, .filter = (struct sock_filter *)p->filter };
	int rc = sys_seccomp(SECCOMP_SET_MODE_FILTER, p->flags, &program, err);
	if (rc == -EACCES)
		err_hint(err, "without no_new_privs a filter needs CAP_SYS_ADMIN");
	return rc;
}
