/* mutant 02.6 M-REAP-IGNORED: SIGCHLD ignored, so that nobody becomes a zombie */
static volatile pid_t forward_to;
static void forward(int number) { kill(forward_to, number); }

int init_reap(pid_t main_child, struct mc_err *err)
{
	int status;

	forward_to = main_child;
	signal(SIGTERM, forward);
	signal(SIGCHLD, SIG_IGN);
	while (waitpid(main_child, &status, 0) < 0)
		if (errno != EINTR)
			return err_sys(err, "waitpid");
	return process_exit_code(status);
}
