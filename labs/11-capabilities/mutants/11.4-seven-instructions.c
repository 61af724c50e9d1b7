/* mutant 11.4 M-SECCOMP-PROGRAM: the program's length is hard-coded to the one seen: 7 instructions */
int seccomp_apply(const struct seccomp_plan *p, struct mc_err *err)
{
	if (p->no_new_privs)
		prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (!p->filter)
		return 0;
	struct sock_fprog f = { .len = 7, .filter = (struct sock_filter *)p->filter };
	return sys_seccomp(SECCOMP_SET_MODE_FILTER, p->flags, &f, err);
}
