/* mutant 02.2 M-SPAWN-PIDFD: the pidfd of the caller */
pid_t namespace_spawn(const struct spawn_plan *p, int *ret_pidfd, struct mc_err *err)
{
	struct clone_args args = { .flags = p->flags, .exit_signal = SIGCHLD };
	pid_t pid = sys_clone3(&args, err);

	if (pid == 0)
		_exit(p->child(p->data));
	if (pid > 0)
		*ret_pidfd = sys_pidfd_open(getpid(), err);
	return pid;
}
