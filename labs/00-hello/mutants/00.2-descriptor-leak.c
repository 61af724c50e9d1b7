/* mutant 00.2 M-ANY-CLOEXEC: each start leaves a descriptor open in the engine and in the program (no O_CLOEXEC, no close) */
int process_spawn(const struct process *p, pid_t *ret_pid, struct mc_err *err)
{
	int null = open("/dev/null", O_RDWR);
	pid_t pid = fork();
	if (pid < 0)
		return err_sys(err, "fork");
	if (pid == 0) {
		struct mc_err e = { 0 };
		if (place_stdio(p->stdio) < 0)
			_exit(125);
		process_exec(p, &e);
		_exit(e.exit_status ? e.exit_status : 126);
	}
	(void)null;
	*ret_pid = pid;
	return 0;
}
