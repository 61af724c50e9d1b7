/* mutant 02.6 M-REAP-TERM: process 1 is taken to die of TERM like any other */
int init_reap(pid_t main_child, struct mc_err *err)
{
	int status;
	pid_t pid;

	signal(SIGTERM, SIG_DFL);
	for (;;) {
		pid = waitpid(-1, &status, 0);
		if (pid == main_child)
			return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
		if (pid < 0 && errno != EINTR)
			return err_sys(err, "waitpid");
	}
}
