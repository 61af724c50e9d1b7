/* mutant 00.2 M-SPAWN-STREAMS: only stdio[1] is placed */
int process_spawn(const struct process *p, pid_t *ret_pid, struct mc_err *err)
{
	
	pid_t pid = fork();
	if (pid < 0)
		return err_sys(err, "fork");
	if (pid == 0) {
		struct mc_err child = { 0 };
		if (p->stdio[1] >= 0)
			dup2(p->stdio[1], 1);
		process_exec(p, &child);
		_exit(child.exit_status ? child.exit_status : 126);
	}
	*ret_pid = pid;
	return 0;
}
