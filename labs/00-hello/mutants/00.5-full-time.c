/* mutant 00.5 M-STOP-SLEEP: sleeps the full time */
int process_stop(int pidfd, int signal, int seconds, struct mc_err *err)
{
	siginfo_t info = { 0 };

	if (sys_pidfd_send_signal(pidfd, signal, err) < 0)
		return -err->code;
	sleep((unsigned)seconds);
	waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED | WNOHANG);
	if (info.si_pid)
		return 0;
	sys_pidfd_send_signal(pidfd, SIGKILL, err);
	waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED);
	return 1;
}
