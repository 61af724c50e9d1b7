/* mutant 02.6 M-REAP-EINTR: an interrupted wait is taken for a failure */
static volatile pid_t forward_to;
static void forward(int number) { kill(forward_to, number); }

int init_reap(pid_t main_child, struct mc_err *err)
{
	int status;
	pid_t pid;

	forward_to = main_child;
	sigaction(SIGTERM, &(struct sigaction){ .sa_handler = forward }, NULL);
	while ((pid = waitpid(-1, &status, 0)) != main_child)
		if (pid < 0)
			return err_sys(err, "waitpid");
	return process_exit_code(status);
}
