/* mutant 02.6 M-REAP-FORWARD: process 1 obeys TERM itself */
static void leave(int number) { _exit(128 + number); }

int init_reap(pid_t main_child, struct mc_err *err)
{
	int status;
	pid_t pid;

	signal(SIGTERM, leave);
	while ((pid = waitpid(-1, &status, 0)) != main_child)
		if (pid < 0 && errno != EINTR)
			return err_sys(err, "waitpid");
	return process_exit_code(status);
}
