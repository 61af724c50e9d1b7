/* mutant 00.2 M-SPAWN-COPIES: the program finds copies of the descriptors above 2 */
int process_spawn(const struct process *p, pid_t *ret_pid, struct mc_err *err)
{
	
	pid_t pid = fork();
	if (pid < 0)
		return err_sys(err, "fork");
	if (pid == 0) {
		struct mc_err child = { 0 };
		for (int i = 0; i < 3; i++) {
			int fd = p->stdio[i] >= 0 ? dup(p->stdio[i]) : -1;
			if (fd >= 0)
				dup2(fd, i);
		}
		process_exec(p, &child);
		_exit(child.exit_status ? child.exit_status : 126);
	}
	*ret_pid = pid;
	return 0;
}
