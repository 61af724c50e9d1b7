/* mutant 02.2 M-SPAWN-BACK: the child returns like its parent */
pid_t namespace_spawn(const struct spawn_plan *p, int *ret_pidfd, struct mc_err *err)
{
	int pidfd = -1;
	struct clone_args args = { .flags = p->flags | CLONE_PIDFD,
		.pidfd = (uint64_t)(uintptr_t)&pidfd,
		.exit_signal = 17 /* SIGCHLD */ };
	pid_t pid = sys_clone3(&args, err);

	if (pid == 0)
		return p->child(p->data);
	*ret_pidfd = pidfd;
	return pid;
}
