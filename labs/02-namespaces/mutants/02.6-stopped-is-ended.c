/* mutant 02.6 M-REAP-STOPPED: a stopped program counts as ended */
#include <sys/wait.h>
int init_reap(pid_t main_child, struct mc_err *err)
{
	sigset_t all;
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	for (;;) {
		int status;
		pid_t pid;
		while ((pid = waitpid(-1, &status, WNOHANG | WUNTRACED)) > 0)
			if (pid == main_child)
				return process_exit_code(status);
		if (pid < 0 && errno == ECHILD)
			return err_set(err, ECHILD, "process %d is not our child", main_child);
		int signal = sigwaitinfo(&all, NULL);
		if (signal > 0 && signal != SIGCHLD) kill(main_child, signal);
	}
}
