/* right 00.2: vfork, which lends the parent's memory to the child until exec */
int process_spawn(const struct process *p, pid_t *ret_pid, struct mc_err *err)
{
	static const int FAILED = -1;
	pid_t pid = vfork();

	if (pid == FAILED)
		return err_sys(err, "vfork()");
	if (pid == 0) {
		struct mc_err own = { 0 };
		if (p->cwd && chdir(p->cwd) != 0)
			_exit(126);
		for (int i = 0; i < 3; i++)
			if (p->stdio[i] >= 0)
				dup2(p->stdio[i], i);
		process_exec(p, &own);
		_exit(own.exit_status ? own.exit_status : 126);
	}
	*ret_pid = pid;
	return 0;
}
