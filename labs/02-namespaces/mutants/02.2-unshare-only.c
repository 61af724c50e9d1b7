/* mutant 02.2 M-SPAWN-UNSHARE: unshare(CLONE_NEWPID) without fork */
pid_t namespace_spawn(const struct spawn_plan *p, int *ret_pidfd, struct mc_err *err)
{
	int rc = sys_unshare((int)p->flags, err);

	if (rc < 0)
		return rc;
	_exit(p->child(p->data));
}
