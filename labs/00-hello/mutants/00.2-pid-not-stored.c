/* mutant 00.2 M-ANY-RESULT: *ret_pid is left as it was */
int process_spawn(const struct process *p, pid_t *ret_pid, struct mc_err *err)
{
	pid_t pid = fork();
	if (pid < 0)
		return err_sys(err, "fork");
	if (pid == 0) {
		struct mc_err e = { 0 };
		if (place_stdio(p->stdio) < 0)
			_exit(126);
		if (p->cwd && chdir(p->cwd) < 0)
			_exit(126);
		process_exec(p, &e);
		err_print(&e, NULL);
		_exit(e.exit_status);
	}
	(void)ret_pid;
	return 0;
}
