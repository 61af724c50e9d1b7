/* right 02.6: all signals blocked and waited for, one after the other */
int init_reap(pid_t main_child, struct mc_err *err)
{
	sigset_t all;
	int status, code = -1;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	for (;;) {
		pid_t pid;
		while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
			if (pid == main_child)
				code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
		if (code >= 0)
			return code;
		if (pid < 0)
			return err_sys(err, "waitpid");
		int number = sigwaitinfo(&all, NULL);
		if (number > 0 && number != SIGCHLD)
			kill(main_child, number);
	}
}
