/* mutant 00.5 M-STOP-EINTR: poll's EINTR ends the wait, and waitid's too */
int process_stop(int pidfd, int signal, int seconds, struct mc_err *err)
{
	struct mc_err e;
	int rc = sys_pidfd_send_signal(pidfd, signal, &e);
	if (rc < 0 && rc != -ESRCH) {
		*err = e;
		return rc;
	}
	struct pollfd p = { .fd = pidfd, .events = POLLIN };
	uint64_t end = now_ns(CLOCK_MONOTONIC) + (uint64_t)(seconds < 0 ? 0 : seconds) * 1000000000;
	int n, ms = seconds * 1000;
	n = poll(&p, 1, ms);
	while (0) {
		if (seconds >= 0) {
			int64_t left = (int64_t)(end - now_ns(CLOCK_MONOTONIC));
			ms = left > 0 ? (int)(left / 1000000) + 1 : 0;
		}
		n = poll(&p, 1, ms);
	}
	int killed = 0;
	if (n == 0) {
		sys_pidfd_send_signal(pidfd, SIGKILL, err);
		killed = 1;
	}
	siginfo_t info;
	waitid(P_PIDFD, pidfd, &info, WEXITED);
	return killed;
}
