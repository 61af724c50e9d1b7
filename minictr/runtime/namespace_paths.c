/*
 * namespace_paths.c - starts a process in existing namespaces, which config.json names by path: pods,
 * --network container:X.
 *
 * Kernel objects: setns(2); PR_SET_CHILD_SUBREAPER (prctl(2)). Order and why: a process that has joined a
 * namespace may lack the capability to go back: an unprivileged user has none in the host's namespaces, and
 * no process keeps any there after joining a user namespace. But we must still run hooks on the host. So a
 * helper joins and creates the child; when the helper ends, the child becomes ours. The user namespace comes
 * first: it gives the capabilities for all others.
 */
#include "runtime/namespace.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/sys.h"

static bool is_joined(const struct namespace_plan *p, int kind)
{
	return p->ns[kind].path && kind != NS_MOUNT;
}

static int enter(const struct namespace_plan *p, struct mc_err *err)
{
	int rc = 0;
	for (int kind = 0; kind < NS_KINDS && rc >= 0; kind++) {
		if (!is_joined(p, kind))
			continue;
		_cleanup_close_ int fd = sys_open(AT_FDCWD, p->ns[kind].path, O_RDONLY, 0, err);
		if ((rc = fd) >= 0)
			rc = sys_setns(fd, (int)namespace_flag((enum namespace_kind)kind), err);
		if (rc < 0)
			err_wrap(err, "joining %s namespace %s", namespace_name((enum namespace_kind)kind),
				p->ns[kind].path);
	}
	return rc < 0 ? rc : 0;
}

/* What the helper says before it ends. */
struct answer {
	pid_t pid; /* in our pid namespace, and the helper's: setns(2) changes only that of children */
	struct mc_err err;
};

static void helper_main(const struct namespace_plan *p, const struct spawn_plan *plan, int say)
{
	struct answer a = { 0 };
	int pidfd = -1;
	if (enter(p, &a.err) >= 0)
		a.pid = namespace_spawn(plan, &pidfd, &a.err);
	(void)!write(say, &a, sizeof(a));
	_exit(0);
}

static pid_t hear(int from, pid_t helper, struct mc_err *err)
{
	struct answer a = { 0 };
	ssize_t n;
	do
		n = read(from, &a, sizeof(a));
	while (n < 0 && errno == EINTR);
	int rc = sys_wait(helper, NULL, err); /* from its end on the child is ours */
	if (rc < 0)
		return rc;
	if (n != sizeof(a))
		return err_set(err, ECHILD, "the helper that joins namespaces ended early");
	if (a.err.code) {
		*err = a.err;
		return -a.err.code;
	}
	return a.pid;
}

static pid_t spawn_by_helper(
	const struct namespace_plan *p, const struct spawn_plan *plan, struct mc_err *err)
{
	int say[2], rc = sys_pipe(say, err);
	if (rc < 0)
		return rc;
	pid_t helper = fork();
	if (helper < 0)
		rc = err_sys(err, "fork");
	if (helper == 0)
		helper_main(p, plan, say[1]);
	close(say[1]); /* or the helper's death would not be an end of file */
	if (rc >= 0)
		rc = hear(say[0], helper, err);
	close(say[0]);
	return rc;
}

pid_t namespace_spawn_among(
	const struct namespace_plan *p, const struct spawn_plan *plan, int *ret_pidfd, struct mc_err *err)
{
	bool any = false;
	for (int kind = 0; kind < NS_KINDS; kind++)
		any |= is_joined(p, kind);
	if (!any)
		return namespace_spawn(plan, ret_pidfd, err);
	pid_t pid = sys_prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0, err);
	if (pid >= 0)
		pid = spawn_by_helper(p, plan, err);
	if (pid >= 0) /* not reaped before we ask, so the number is still its own */
		*ret_pidfd = sys_pidfd_open(pid, err);
	prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0); /* or orphans of hooks would come to us, too */
	return pid >= 0 && *ret_pidfd < 0 ? *ret_pidfd : pid;
}
