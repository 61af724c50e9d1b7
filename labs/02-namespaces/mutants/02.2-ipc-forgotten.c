/* mutant 02.2 M-SPAWN-FLAGS: only pid and uts of the plan's flags are passed */
#include <sched.h>
#include <sys/syscall.h>
pid_t namespace_spawn(const struct spawn_plan *p, int *ret_pidfd, struct mc_err *err)
{
	int pidfd = -1;
	struct clone_args args = {
		.flags = (p->flags & (CLONE_NEWPID | CLONE_NEWUTS)) | CLONE_PIDFD, .pidfd = (uint64_t)(uintptr_t)&pidfd, .exit_signal = SIGCHLD,
	};
	pid_t pid = sys_clone3(&args, err);
	if (pid == 0)
		_exit(p->child(p->data));
	if (pid > 0)
		*ret_pidfd = pidfd;
	return pid;
}
