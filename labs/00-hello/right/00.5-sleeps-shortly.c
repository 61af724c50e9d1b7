/* right 00.5: asks for the status every 10 ms instead of polling the descriptor */
int process_stop(int pidfd, int signal, int seconds, struct mc_err *err)
{
	siginfo_t info = { 0 };

	if (sys_pidfd_send_signal(pidfd, signal, err) < 0)
		return -err->code;
	for (int i = 0; i < seconds * 100; i++) {
		if (waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED | WNOHANG) == 0 && info.si_pid)
			return 0;
		usleep(10000);
	}
	sys_pidfd_send_signal(pidfd, SIGKILL, err);
	waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED);
	return 1;
}
