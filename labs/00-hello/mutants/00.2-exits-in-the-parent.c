/* mutant 00.2 M-SPAWN-PARENT: looks for the file in the parent and exits the whole engine with 127 when it is missing */
int process_spawn(const struct process *p, pid_t *ret_pid, struct mc_err *err)
{
	char *file = NULL;
	if (process_find(p->argv[0], p->env ? p->env : environ, &file, err) < 0)
		exit(err->exit_status);
	pid_t pid = fork();
	if (pid < 0)
		return err_sys(err, "fork");
	if (pid == 0) {
		if (place_stdio(p->stdio) < 0)
			_exit(125);
		if (p->cwd && chdir(p->cwd) < 0)
			_exit(127);
		execve(file, p->argv, p->env ? p->env : environ);
		_exit(126);
	}
	*ret_pid = pid;
	return 0;
}
