/* mutant 00.2 M-SPAWN-WAITS: the function waits for the program to end before it returns */
#include <sys/wait.h>
int process_spawn(const struct process *p, pid_t *ret_pid, struct mc_err *err)
{
	pid_t pid = fork();
	if (pid < 0)
		return err_sys(err, "fork");
	if (pid == 0) {
		struct mc_err e = { 0 };
		place_stdio(p->stdio);
		process_exec(p, &e);
		_exit(e.exit_status ? e.exit_status : 126);
	}
	siginfo_t si;
	waitid(P_PID, (id_t)pid, &si, WEXITED | WNOWAIT);
	*ret_pid = pid;
	return 0;
}
