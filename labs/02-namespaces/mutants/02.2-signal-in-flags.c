/* mutant 02.2 M-SPAWN-ARGS: the exit signal among the flags, as clone(2) has it */
pid_t namespace_spawn(const struct spawn_plan *p, int *ret_pidfd, struct mc_err *err)
{
	int pidfd = -1;
	struct clone_args args = { .flags = p->flags | CLONE_PIDFD | 17 /* SIGCHLD */,
		.pidfd = (uint64_t)(uintptr_t)&pidfd };
	pid_t pid = sys_clone3(&args, err);

	if (pid == 0)
		_exit(p->child(p->data));
	*ret_pidfd = pidfd;
	return pid;
}
