/* mutant 00.5 M-STOP-ANYONE: fetches whichever child has ended */
int process_stop(int pidfd, int signal, int seconds, struct mc_err *err)
{
	struct pollfd gone = { .fd = pidfd,
		.events = POLLIN }; /* readable when the process has ended: pidfd_open(2) */
	int killed = 0;
	int rc = sys_pidfd_send_signal(pidfd, signal, err);
	if (rc < 0 && rc != -ESRCH) /* ESRCH: it is gone already, which is what we want */
		return rc;
	uint64_t end = now_ns(CLOCK_MONOTONIC) / 1000000 + (uint64_t)(seconds > 0 ? seconds : 0) * 1000;
	for (;;) {
		uint64_t now = now_ns(CLOCK_MONOTONIC) / 1000000;
		int left = killed || seconds < 0 ? -1 : now < end ? (int)(end - now) : 0;
		rc = poll(&gone, 1, left);
		if (rc > 0)
			break;
		if (rc < 0 && errno != EINTR)
			return err_sys(err, "poll of a pidfd");
		if (rc == 0) {
			killed = 1;
			rc = sys_pidfd_send_signal(pidfd, SIGKILL, err);
			if (rc < 0 && rc != -ESRCH)
				return rc;
		}
	}
	siginfo_t info;
	(void)waitid(
		P_ALL, 0, &info, WEXITED | WNOHANG); /* not our child: ECHILD, its parent reaps */
	return killed;
}
