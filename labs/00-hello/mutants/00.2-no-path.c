/* mutant 00.2 M-SPAWN-PATH: execve(argv[0]) without a look into PATH */
int process_spawn(const struct process *p, pid_t *ret_pid, struct mc_err *err)
{
	pid_t pid = fork();

	if (pid < 0)
		return err_sys(err, "fork()");
	if (pid == 0) {
		if (p->cwd && chdir(p->cwd) != 0)
			_exit(126);
		for (int i = 0; i < 3; i++)
			if (p->stdio[i] >= 0)
				dup2(p->stdio[i], i);
		execve(p->argv[0], p->argv, p->env ? p->env : environ);
		_exit(errno == ENOENT ? 127 : 126);
	}
	*ret_pid = pid;
	return 0;
}
