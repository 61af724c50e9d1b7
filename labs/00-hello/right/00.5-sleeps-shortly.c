/* right 00.5: asks for the status every 10 ms instead of polling the descriptor */
int process_stop(int pidfd, int signal, int seconds, struct mc_err *err)
{
	siginfo_t info = { 0 };

	int rc = sys_pidfd_send_signal(pidfd, signal, err);
	if (rc < 0)
		return rc == -ESRCH ? 0 : rc;
	for (int i = 0; seconds < 0 || i < seconds * 100; i++) {
		if (waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED | WNOHANG) == 0 && info.si_pid)
			return 0;
		usleep(10000);
	}
	sys_pidfd_send_signal(pidfd, SIGKILL, err);
	waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED);
	return 1;
}
