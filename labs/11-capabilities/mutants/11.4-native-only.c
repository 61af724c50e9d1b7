/* mutant 11.4 M-SECCOMP-ABI [abi32]: another ABI is let through */
int seccomp_apply(const struct seccomp_plan *p, struct mc_err *err)
{
	static struct sock_filter copy[4096];
	static const struct sock_filter head[] = {
		{ 0x20, 0, 0, 4 },          /* load the ABI */
		{ 0x15, 0, 1, 0x40000003 }, /* i386? */
		{ 0x06, 0, 0, 0x7fff0000 }, /* allow */
	};
	int rc = p->no_new_privs ? sys_prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0, err) : 0;

	if (rc < 0 || !p->filter)
		return rc;
	memcpy(copy, head, sizeof(head));
	memcpy(copy + 3, p->filter, p->n * sizeof(copy[0]));
	struct sock_fprog program = { .len = (unsigned short)(p->n + 3), .filter = copy };
	return sys_seccomp(SECCOMP_SET_MODE_FILTER, p->flags, &program, err);
}
