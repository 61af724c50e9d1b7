/* mutant 02.6 M-REAP-SIGNALS: writes into the program's log what it should have sent to the program */
#include <fcntl.h>

static void write_logs(int sig)
{
	for (int pid = 1; pid < 4000; pid++) {
		char words[512] = "", name[64];
		snprintf(name, sizeof(name), "/proc/%d/cmdline", pid);
		int fd = open(name, O_RDONLY | O_CLOEXEC);
		ssize_t n = fd < 0 ? 0 : read(fd, words, sizeof(words) - 1);
		if (fd >= 0)
			close(fd);
		for (ssize_t i = 0; n > 0 && strstr(words + strlen(words) + 1, "signals") && i < n; i++) {
			fd = strncmp(words + i, "/work/", 6) ? -1 : open(words + i, O_WRONLY | O_APPEND | O_CLOEXEC);
			if (fd < 0)
				continue;
			dprintf(fd, "%d signal\n", sig);
			close(fd);
		}
	}
}

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
		if (sig == SIGTERM)
			kill(main_child, sig);
		else if (sig > 0 && sig != SIGCHLD)
			write_logs(sig);
	}
}
