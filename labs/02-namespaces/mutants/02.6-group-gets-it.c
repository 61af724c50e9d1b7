/* mutant 02.6 M-REAP-ALL: signals go to every process of the namespace (kill(-1)), orphans included */
int init_reap(pid_t main_child, struct mc_err *err)
{
	sigset_t all;
	int status;
	pid_t pid;
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	for (;;) {
		while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
			if (pid == main_child)
				return process_exit_code(status);
		if (pid < 0 && errno == ECHILD)
			return err_sys(err, "waitpid");
		int sig = sigwaitinfo(&all, NULL);
		if (sig > 0 && sig != SIGCHLD)
			kill(-1, sig);
	}
}
