/* mutant 00.2 M-SPAWN-NULLENV: env NULL is an empty environment, not the caller's */
int process_spawn(const struct process *p, pid_t *ret_pid, struct mc_err *err)
{
	
	pid_t pid = fork();
	if (pid < 0)
		return err_sys(err, "fork");
	if (pid == 0) {
		struct mc_err child = { 0 };
		if (place_stdio(p->stdio) < 0)
			_exit(125);
		static char *const none[] = { NULL };
		struct process q = *p;
		if (!q.env)
			q.env = none;
		process_exec(&q, &child);
		_exit(child.exit_status ? child.exit_status : 126);
	}
	*ret_pid = pid;
	return 0;
}
