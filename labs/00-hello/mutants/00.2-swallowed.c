/* mutant 00.2 M-SPAWN-SWALLOWED: an exec error ends the child with 0 */
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
		process_exec(p, err);
		_exit(0);
	}
	*ret_pid = pid;
	return 0;
}
