/* mutant 02.2 M-SPAWN-EXIT: exit() in the child: buffers of the parent are written twice, its atexit functions run */
#include <stdlib.h>
pid_t namespace_spawn(const struct spawn_plan *p, int *ret_pidfd, struct mc_err *err)
{
	int fd = -1;
	struct clone_args a = { .flags = p->flags | CLONE_PIDFD, .pidfd = (uintptr_t)&fd, .exit_signal = 17 };
	pid_t pid = sys_clone3(&a, err);
	if (pid == 0)
		exit(p->child(p->data));
	if (pid > 0)
		*ret_pidfd = fd;
	return pid;
}
