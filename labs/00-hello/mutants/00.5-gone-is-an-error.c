/* mutant 00.5 M-STOP-GONE: a process that has gone already (ESRCH) is a failure */
int process_stop(int pidfd, int signal, int seconds, struct mc_err *err)
{
	struct pollfd p = { .fd = pidfd, .events = POLLIN };
	int killed = 0, rc = sys_pidfd_send_signal(pidfd, signal, err);
	siginfo_t si;
	if (rc < 0)
		return rc;
	uint64_t end = now_ns(CLOCK_MONOTONIC) / 1000000 + (uint64_t)(seconds > 0 ? seconds : 0) * 1000, now;
	do {
		now = now_ns(CLOCK_MONOTONIC) / 1000000;
		rc = poll(&p, 1, seconds < 0 ? -1 : now < end ? (int)(end - now) : 0);
	} while (rc < 0 && errno == EINTR);
	if (rc == 0) {
		sys_pidfd_send_signal(pidfd, SIGKILL, err);
		killed = 1;
	}
	waitid(P_PIDFD, (id_t)pidfd, &si, WEXITED);
	return killed;
}
