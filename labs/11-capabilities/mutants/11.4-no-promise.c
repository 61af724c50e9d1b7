/* mutant 11.4 M-SECCOMP-NNP: no_new_privs forgotten */
int seccomp_apply(const struct seccomp_plan *p, struct mc_err *err)
{
	struct sock_fprog program = { .len = p->n, .filter = (struct sock_filter *)p->filter };

	return p->filter ? sys_seccomp(SECCOMP_SET_MODE_FILTER, p->flags, &program, err) : 0;
}
