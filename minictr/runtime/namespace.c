/*
 * namespace.c - makes new namespaces (clone3(2)) and joins existing ones (setns(2)).
 *
 * Kernel objects: one namespace per kind, seen as an inode in /proc/PID/ns (namespaces(7)); the pidfd, a
 * handle on one process that never refers to another one (pidfd_open(2)).
 * Order and why: one clone3 makes all new namespaces, so the child never has only some of them; the child
 * then waits, because only its parent can do the rest (user mapping, hooks). The child itself unshares the
 * cgroup namespace later: its root is the cgroup in which the caller is at that moment.
 * Left out: namespaces given by path (namespace_paths.c), time namespaces' offsets (tail), user mappings
 * (userns.c), network links (floor network/).
 */
#include "runtime/namespace.h"

#include <linux/sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/sys.h"

static const struct {
	uint64_t flag;
	const char *name; /* in /proc/PID/ns */
} kinds[NS_KINDS] = {
	[NS_USER] = { CLONE_NEWUSER, "user" },
	[NS_MOUNT] = { CLONE_NEWNS, "mnt" },
	[NS_PID] = { CLONE_NEWPID, "pid" },
	[NS_UTS] = { CLONE_NEWUTS, "uts" },
	[NS_IPC] = { CLONE_NEWIPC, "ipc" },
	[NS_NET] = { CLONE_NEWNET, "net" },
	[NS_CGROUP] = { CLONE_NEWCGROUP, "cgroup" },
	[NS_TIME] = { CLONE_NEWTIME, "time" },
};

uint64_t namespace_flag(enum namespace_kind kind) { return kinds[kind].flag; }
const char *namespace_name(enum namespace_kind kind) { return kinds[kind].name; }

/*
 * The CLONE_NEW* bits of all namespaces that the plan wants new: wanted, and not joined by path.
 *
 * Lab 02.1: each namespace is a separate choice; none brings another one along.
 */
uint64_t namespace_flags(const struct namespace_plan *p)
{
	uint64_t flags = 0;
	for (int kind = 0; kind < NS_KINDS; kind++)
		if (p->ns[kind].wanted && !p->ns[kind].path)
			flags |= namespace_flag((enum namespace_kind)kind);
	return flags;
}

/*
 * Starts a child in new namespaces (p->flags), and in the cgroup p->cgroup when that is not -1. The child
 * runs p->child(p->data) and exits with its value, at once (_exit: it flushes and calls nothing of the
 * parent's). Returns the child's pid while the child runs; *ret_pidfd refers to it (O_CLOEXEC). The child is
 * an ordinary child: SIGCHLD and waitpid(2) report its end. In a new pid namespace it is process 1.
 * (p->cgroup: not checked, it needs cgroup2.)
 *
 * Lab 02.2: a process cannot change its own pid, so namespaces begin with a new process.
 */
pid_t namespace_spawn(const struct spawn_plan *p, int *ret_pidfd, struct mc_err *err)
{
	int pidfd = -1;
	struct clone_args args = {
		.flags = p->flags | CLONE_PIDFD,
		.pidfd = (uint64_t)(uintptr_t)&pidfd,
		/* Without it waitpid(2) needs __WCLONE, and the parent gets no signal of the end. */
		.exit_signal = SIGCHLD,
	};
	if (p->cgroup >= 0) {
		/* Limited from its first instruction on; moving it later costs 10 ms. */
		args.flags |= CLONE_INTO_CGROUP;
		args.cgroup = (uint64_t)p->cgroup;
	}
	pid_t pid = sys_clone3(&args, err);
	if (pid == 0)
		_exit(p->child(p->data)); /* not return: the child would run on as a second parent */
	if (pid > 0)
		*ret_pidfd = pidfd;
	return pid;
}

/*
 * Waits, asleep, however long, until the other side of `sync` says "go" (one byte; what follows it is for
 * later) and returns 0. When the other side closes without "go": -EPIPE. Its work for us may be half done, so
 * we must not run. Signals that interrupt the wait change nothing.
 *
 * Lab 02.3: the end of a connection is not a permission.
 */
int namespace_wait_go(int sync, struct mc_err *err)
{
	char byte;
	ssize_t n;
	do
		n = read(sync, &byte, 1);
	while (n < 0 && errno == EINTR);
	if (n == 1)
		return 0;
	if (n < 0 && errno != ECONNRESET)
		return err_sys(err, "waiting for go");
	err_set(err, EPIPE, "waiting for go: the other side closed the connection without sending it");
	return err_hint(err, "the process that was preparing this container died; try again");
}

/*
 * Names the machine, as far as the caller's UTS namespace can see (uts_namespaces(7)); the caller stays in
 * it. At most 64 bytes.
 *
 * Lab 02.4: the hostname belongs to a namespace, not to a file.
 */
int namespace_set_hostname(const char *name, struct mc_err *err)
{
	if (strlen(name) > 64)
		return err_set(err, ENAMETOOLONG, "hostname %.20s...: longer than 64 bytes (uname(2))", name);
	return sys_sethostname(name, err);
}

/*
 * Makes the caller's future children members of the namespaces (flags) of the process behind pidfd. All kinds
 * but pid and time take effect on the caller at once; its own pid namespace never changes, so the program
 * to run must be a child born after this call. No process is made here. No flags: nothing to do. When any
 * namespace cannot be joined the call fails. The caller of this function leaves out of `flags` what it shares
 * with that process already.
 *
 * Lab 02.5: joining a pid namespace changes the next child, not the caller itself.
 */
int namespace_join(int pidfd, uint64_t flags, struct mc_err *err)
{
	/*
	 * One call for all: the kernel joins the user namespace first, which gives the capabilities to join
	 * the others, and no path vanishes half-way because the mount namespace changed.
	 */
	return flags ? sys_setns(pidfd, (int)flags, err) : 0;
}
