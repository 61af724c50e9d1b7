/* mutant 00.2 M-SPAWN-STDIO: -1 is taken for "close it": the program has no stdin and stderr */
int process_spawn(const struct process *p, pid_t *ret_pid, struct mc_err *err)
{
	pid_t pid = fork();
	if (pid < 0)
		return err_sys(err, "fork");
	if (pid == 0) {
		struct mc_err e = { 0 };
		for (int i = 0; i < 3; i++)
			if (p->stdio[i] < 0)
				close(i);
			else
				dup2(p->stdio[i], i);
		process_exec(p, &e);
		_exit(e.exit_status ? e.exit_status : 126);
	}
	*ret_pid = pid;
	return 0;
}
