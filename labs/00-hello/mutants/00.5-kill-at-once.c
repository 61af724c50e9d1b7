/* mutant 00.5 M-STOP-KILL: KILL at once */
int process_stop(int pidfd, int signal, int seconds, struct mc_err *err)
{
	siginfo_t info;

	if (sys_pidfd_send_signal(pidfd, SIGKILL, err) < 0)
		return -err->code;
	waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED);
	return 0;
}
