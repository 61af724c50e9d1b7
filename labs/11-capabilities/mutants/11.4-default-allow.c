/* mutant 11.4 M-SECCOMP-ALLOW: a filter that allows everything */
int seccomp_apply(const struct seccomp_plan *p, struct mc_err *err)
{
	static const struct sock_filter all[] = { { 0x06, 0, 0, 0x7fff0000 } }; /* return SECCOMP_RET_ALLOW */
	struct sock_fprog program = { .len = 1, .filter = (struct sock_filter *)all };
	int rc = p->no_new_privs ? sys_prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0, err) : 0;

	return rc < 0 || !p->filter ? rc : sys_seccomp(SECCOMP_SET_MODE_FILTER, p->flags, &program, err);
}
