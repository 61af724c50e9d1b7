/* mutant 02.6 -: the end of any child with a status other than 0 ends it */
#include <signal.h>
#include <sys/wait.h>
#include <errno.h>
int init_reap(pid_t main_child, struct mc_err *err)
{
	sigset_t all;
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	for (;;) {
		int status;
		pid_t pid;
		while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
			if (pid == main_child || (WIFEXITED(status) && WEXITSTATUS(status)))
				return process_exit_code(status);
		if (pid < 0 && errno == ECHILD)
			return err_set(err, ECHILD, "no child");
		int s = sigwaitinfo(&all, NULL);
		if (s > 0 && s != SIGCHLD)
			kill(main_child, s);
	}
}
