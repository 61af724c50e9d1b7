/* mutant 00.5 M-STOP-SLEEP: sleeps the full time */
int process_stop(int pidfd, int signal, int seconds, struct mc_err *err)
{
	siginfo_t info = { 0 };

	if (syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0) != 0)
		return err_sys(err, "pidfd_send_signal()");
	sleep((unsigned)seconds);
	waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED | WNOHANG);
	if (info.si_pid)
		return 0;
	syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0);
	waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED);
	return 1;
}
