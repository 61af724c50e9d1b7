/* mutant 00.2 M-SPAWN-CWD: the caller itself changes its directory */
int process_spawn(const struct process *p, pid_t *ret_pid, struct mc_err *err)
{
	if (p->cwd && chdir(p->cwd) < 0)
		return err_sys(err, "chdir");
	pid_t pid = fork();
	if (pid < 0)
		return err_sys(err, "fork");
	if (pid == 0) {
		struct mc_err child = { 0 };
		if (place_stdio(p->stdio) < 0)
			_exit(125);
		process_exec(p, &child);
		_exit(child.exit_status ? child.exit_status : 126);
	}
	*ret_pid = pid;
	return 0;
}
