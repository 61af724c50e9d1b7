/* mutant 00.5 M-STOP-ZOMBIE: never reaps */
int process_stop(int pidfd, int signal, int seconds, struct mc_err *err)
{
	struct pollfd p = { .fd = pidfd, .events = POLLIN };

	if (syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0) != 0)
		return err_sys(err, "pidfd_send_signal()");
	if (poll(&p, 1, seconds * 1000) > 0)
		return 0;
	syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0);
	poll(&p, 1, -1);
	return 1;
}
