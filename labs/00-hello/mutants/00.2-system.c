/* mutant 00.2 M-SPAWN-SHELL: system() with a shell between */
int process_spawn(const struct process *p, pid_t *ret_pid, struct mc_err *err)
{
	char line[4096] = "";

	for (char *const *a = p->argv; *a; a++) {
		strncat(line, *a, sizeof(line) - strlen(line) - 2);
		strcat(line, " ");
	}
	pid_t pid = fork();
	if (pid == 0) {
		if (p->cwd && chdir(p->cwd) != 0)
			_exit(126);
		execl("/bin/sh", "sh", "-c", line, NULL);
		_exit(127);
	}
	*ret_pid = pid;
	return pid < 0 ? err_sys(err, "fork()") : 0;
}
