/* mutant 02.6 M-REAP-ONE: waits for one child only */
static volatile pid_t forward_to;
static void forward(int number) { kill(forward_to, number); }

int init_reap(pid_t main_child, struct mc_err *err)
{
	int status;

	forward_to = main_child;
	signal(SIGTERM, forward);
	while (waitpid(main_child, &status, 0) < 0)
		if (errno != EINTR)
			return err_sys(err, "waitpid");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
