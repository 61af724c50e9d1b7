/* right 02.2: unshare, then fork: the child is the first one in the new pid namespace */
#include <fcntl.h>
pid_t namespace_spawn(const struct spawn_plan *p, int *ret_pidfd, struct mc_err *err)
{
	/* The caller keeps its own other namespaces: it comes back to them afterwards. */
	int own[3] = { open("/proc/self/ns/uts", O_RDONLY | O_CLOEXEC),
		open("/proc/self/ns/ipc", O_RDONLY | O_CLOEXEC),
		open("/proc/self/ns/pid", O_RDONLY | O_CLOEXEC) };
	int rc = sys_unshare((int)p->flags, err);

	if (rc < 0)
		return rc;
	pid_t pid = fork();
	if (pid == 0)
		_exit(p->child(p->data));
	rc = pid < 0 ? err_sys(err, "fork") : pid;
	for (int i = 0; i < 3; i++) {
		setns(own[i], 0);
		close(own[i]);
	}
	if (pid > 0)
		*ret_pidfd = sys_pidfd_open(pid, err);
	return rc;
}
