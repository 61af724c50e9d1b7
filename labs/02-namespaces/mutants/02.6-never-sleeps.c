/* mutant 02.6 M-REAP-SPIN: asks all the time */
static volatile pid_t forward_to;
static void forward(int number) { kill(forward_to, number); }

int init_reap(pid_t main_child, struct mc_err *err)
{
	int status;
	pid_t pid;

	forward_to = main_child;
	signal(SIGTERM, forward);
	while ((pid = waitpid(-1, &status, WNOHANG)) != main_child)
		if (pid < 0 && errno != EINTR)
			return err_sys(err, "waitpid");
	return process_exit_code(status);
}
