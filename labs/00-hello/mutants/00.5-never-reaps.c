/* mutant 00.5 M-STOP-ZOMBIE: never reaps */
int process_stop(int pidfd, int signal, int seconds, struct mc_err *err)
{
	struct pollfd p = { .fd = pidfd, .events = POLLIN };

	if (sys_pidfd_send_signal(pidfd, signal, err) < 0)
		return -err->code;
	if (poll(&p, 1, seconds * 1000) > 0)
		return 0;
	sys_pidfd_send_signal(pidfd, SIGKILL, err);
	poll(&p, 1, -1);
	return 1;
}
