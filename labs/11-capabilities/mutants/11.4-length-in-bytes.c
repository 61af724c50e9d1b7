/* mutant 11.4 M-SECCOMP-PROGRAM: the length in bytes */
int seccomp_apply(const struct seccomp_plan *p, struct mc_err *err)
{
	struct sock_fprog program = { .len = (unsigned short)(p->n * sizeof(*p->filter)), .filter = (struct sock_filter *)p->filter };
	int rc = p->no_new_privs ? sys_prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0, err) : 0;

	return rc < 0 || !p->filter ? rc : sys_seccomp(SECCOMP_SET_MODE_FILTER, p->flags, &program, err);
}
