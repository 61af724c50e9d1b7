/* mutant 00.2 M-SPAWN-FLUSH: exit() in the child writes out the caller's buffers */
int process_spawn(const struct process *p, pid_t *ret_pid, struct mc_err *err)
{
	pid_t pid = fork();
	if (pid < 0)
		return err_sys(err, "fork");
	if (pid == 0) {
		/* Two processes run from here on. The child must not return as a second parent. */
		struct mc_err child = { 0 };
		if (place_stdio(p->stdio) < 0)
			_exit(125);
		process_exec(p, &child);
		err_print(&child, NULL); /* exec returned, so it failed */
		exit(child.exit_status ? child.exit_status : 126);
	}
	*ret_pid = pid;
	return 0;
}
