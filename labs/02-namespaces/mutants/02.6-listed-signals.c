/* mutant 02.6 M-REAP-SIGNALS: only the usual signals go on: not WINCH, not QUIT */
#include <sys/wait.h>
int init_reap(pid_t main_child, struct mc_err *err)
{
	sigset_t all;
	sigemptyset(&all); sigaddset(&all, SIGTERM); sigaddset(&all, SIGINT); sigaddset(&all, SIGHUP); sigaddset(&all, SIGUSR1); sigaddset(&all, SIGUSR2); sigaddset(&all, SIGCHLD);
	sigprocmask(SIG_BLOCK, &all, NULL);
	for (;;) {
		int status;
		pid_t pid;
		while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
			if (pid == main_child)
				return process_exit_code(status);
		if (pid < 0 && errno == ECHILD)
			return err_set(err, ECHILD, "process %d is not our child", main_child);
		int signal = sigwaitinfo(&all, NULL);
		if (signal > 0 && signal != SIGCHLD) kill(main_child, signal);
	}
}
