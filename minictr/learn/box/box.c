/*
 * box/box.c - the crash box: a container for untrusted code, made by hand.
 *
 * Kernel objects: user_namespaces(7), mount_namespaces(7), pid_namespaces(7), cgroups(7), seccomp(2),
 * clone(2), setns(2).
 *
 * Order, and what breaks with another one:
 *  1. cgroups with the limits one level above the directory the box may write.
 *  2. a process A enters them and, in a mount namespace of its own, builds everything the box will ever see.
 *  3. A clones the box's init into a *user namespace*. Only because of this crossing is every mount of step 2
 *     locked: root of the box can neither unmount nor remount one.
 *  4. A writes the maps. Ids of the box are ids that own nothing on the host: with the identity map, root of
 *     the box wrote /proc/sys/kernel/core_pattern, because the kernel checks that by global uid 0.
 *  5. init mounts what must belong to the box (proc, sysfs, tmpfs, cgroups), takes the filter and becomes
 *     `probe pause`: no memory and no descriptor of the grader is left where student code will run.
 * Student programs enter later through a helper (box/enter.c). The helper's wait status is the evidence; the
 * box's root could trace init and forge that of init.
 *
 * Left out: a virtual machine as a second wall. What an unprivileged user's box has: box/ids.c.
 */
#include "learn/box/box.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/close_range.h>
#include <linux/sched.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "base/file.h"
#include "base/sys.h"
#include "learn/checking.h"

/* Everything a box has of its own; the cgroup namespace is unshared by init once it is in its cgroup. */
#define BOX_NAMESPACES                                                                                       \
	(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS)

struct making {
	struct box *box;
	const struct box_paths *paths;
	int report[2]; /* A and init: the pid, then an mc_err; init's exec closes it */
	int mapped[2]; /* A tells init that its ids are mapped */
	int probe;     /* init becomes this program */
};

int box_become_root(unsigned ids, struct mc_err *err)
{
	if (ids == 1)
		return 0; /* our own id is the box's 0 already, and setgroups is denied with such a map */
	int rc = sys_setgroups(0, NULL, err);
	if (rc == 0)
		rc = sys_setgid(0, err);
	return rc == 0 ? sys_setuid(0, err) : rc;
}

/* Where no cgroup limits the box: at most so many processes of this user in the box's user namespace
 * (user_namespaces(7), RLIMIT_NPROC counts there apart), and so much memory for each of them. Box root
 * cannot raise a hard limit: that needs CAP_SYS_RESOURCE in the initial user namespace. */
static int limit_by_process(const struct box *b, struct mc_err *err)
{
	const rlim_t pids = b->options.pids ?: 128, memory = (b->options.memory ?: 256 << 20) + (128 << 20);
	int rc = sys_setrlimit(RLIMIT_NPROC, &(struct rlimit){ pids, pids }, err);
#ifndef __SANITIZE_ADDRESS__ /* its shadow memory alone is terabytes of addresses */
	if (rc == 0)
		rc = sys_setrlimit(RLIMIT_AS, &(struct rlimit){ memory, memory }, err);
#endif
	return rc == 0 ? sys_setrlimit(RLIMIT_DATA, &(struct rlimit){ memory, memory }, err) : rc;
}

int box_confine(const struct box *b, struct mc_err *err)
{
	const struct rlimit none = { 0, 0 };
	int rc = sys_setrlimit(RLIMIT_CORE, &none, err);
	if (rc == 0 && b->trees == 0 && !b->judge)
		rc = limit_by_process(b, err);
	return rc == 0 ? box_seccomp_install(err) : rc;
}

int box_first_to_die(struct mc_err *err)
{
	return sys_write_file(AT_FDCWD, "/proc/self/oom_score_adj", "1000", err);
}

int box_join(const struct box *b, int flags, struct mc_err *err)
{
	/* A process of the box must not read this one while it is half inside (ptrace(2), "dumpable"). */
	int rc = sys_prctl(PR_SET_DUMPABLE, 0, 0, 0, 0, err);
	return rc == 0 ? sys_setns(b->pidfd, flags, err) : rc;
}

/* --- init --- */

static int init_settle(struct making *m, struct mc_err *err)
{
	char byte;
	close(m->mapped[1]);
	if (read(m->mapped[0], &byte, 1) != 1)
		return err_set(err, EPIPE, "box: the ids were not mapped");
	int rc = box_become_root(m->box->ids, err);
	if (rc == 0) /* after setuid, which clears it: the box must not outlive the check */
		rc = sys_prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0, err);
	if (rc == 0)
		rc = sys_unshare(CLONE_NEWCGROUP, err);
	if (rc == 0)
		rc = box_view_inside(m->box, err);
	if (rc == 0)
		rc = box_cgroup_settle(m->box, err);
	if (rc == 0)
		rc = sys_sethostname("box", err);
	return rc == 0 ? box_confine(m->box, err) : rc;
}

static void init_main(struct making *m)
{
	struct mc_err err = { 0 };
	char *const argv[] = { "probe", "pause", NULL };
	char *const env[] = { NULL };
	signal(SIGCHLD, SIG_IGN); /* orphans are reaped by the kernel */
	setsid();
	/* Not even 0, 1, 2 stay open past exec: a program inside could reach them by /proc/1/fd. */
	if (init_settle(m, &err) == 0 && sys_close_range(0, ~0u, CLOSE_RANGE_CLOEXEC, &err) == 0)
		sys_execveat(m->probe, argv, env, &err);
	if (write(m->report[1], &err, sizeof(err)) < 0)
		_exit(2);
	_exit(1);
}

/* --- A: prepares, clones init as its own sibling, writes the maps --- */

static int write_map(pid_t pid, const char *name, unsigned long outside, unsigned ids, struct mc_err *err)
{
	char path[64], line[64];
	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	snprintf(line, sizeof(line), "0 %lu %u\n", outside, ids);
	return sys_write_file(AT_FDCWD, path, line, err);
}

static int write_maps(pid_t pid, const struct box *b, struct mc_err *err)
{
	if (b->ids == 1) { /* unprivileged maps need setgroups denied (user_namespaces(7)) */
		char path[64];
		snprintf(path, sizeof(path), "/proc/%d/setgroups", (int)pid);
		int rc = sys_write_file(AT_FDCWD, path, "deny", err);
		if (rc < 0)
			return rc;
	}
	unsigned long outside = b->ids == 1 ? 0 : b->base; /* A user's A is id 0 of a namespace between */
	int rc = write_map(pid, "uid_map", outside, b->ids, err);
	return rc == 0 ? write_map(pid, "gid_map", outside, b->ids, err) : rc;
}

/* An unprivileged user builds the view in a user namespace of their own, in which they are root. */
static int become_user_root(struct mc_err *err)
{
	uid_t uid = geteuid();
	gid_t gid = getegid();
	int rc = sys_unshare(CLONE_NEWUSER | CLONE_NEWNS, err);
	if (rc == 0)
		rc = sys_write_file(AT_FDCWD, "/proc/self/setgroups", "deny", err);
	if (rc == 0)
		rc = write_map(getpid(), "uid_map", uid, 1, err);
	return rc == 0 ? write_map(getpid(), "gid_map", gid, 1, err) : rc;
}

static int make_init(struct making *m, struct mc_err *err)
{
	struct box *b = m->box;
	int fds[BOX_TREES];
	int rc = box_first_to_die(err);
	if (rc == 0)
		rc = box_cgroup_open(b, false, fds, err);
	if (rc == 0)
		rc = box_cgroup_enter(b, fds, err);
	if (rc == 0)
		rc = b->ids == 1 ? become_user_root(err) : sys_unshare(CLONE_NEWNS, err);
	if (rc == 0)
		rc = box_view_outside(b, m->paths, err);
	if (rc < 0)
		return rc;
	struct clone_args args = { .flags = BOX_NAMESPACES | CLONE_PARENT };
	pid_t pid = sys_clone3(&args, err);
	if (pid == 0)
		init_main(m);
	if (pid < 0)
		return pid;
	rc = write_maps(pid, b, err);
	struct mc_err hello = { .code = -pid };
	if (rc == 0 && (write(m->report[1], &hello, sizeof(hello)) < 0 || write(m->mapped[1], "", 1) < 0))
		rc = err_sys(err, "box: report");
	return rc;
}

static void prepare_main(struct making *m)
{
	struct mc_err err = { 0 };
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	close(m->report[0]);
	int rc = make_init(m, &err);
	if (rc < 0 && write(m->report[1], &err, sizeof(err)) < 0)
		_exit(2);
	_exit(rc < 0);
}

/* --- the grader's side --- */

/* Two messages at most: init's pid, then either its error or the end of file that its exec makes. */
static int hear(struct making *m, struct mc_err *err)
{
	struct mc_err message;
	struct pollfd p = { .fd = m->report[0], .events = POLLIN };
	for (;;) {
		if (poll(&p, 1, 10000) <= 0)
			return err_set(err, ETIMEDOUT, "box: its init did not get ready in 10 s");
		ssize_t n = read(m->report[0], &message, sizeof(message));
		if (n != (ssize_t)sizeof(message))
			break;
		if (message.code > 0) {
			*err = message;
			return err_wrap(err, "crash box");
		}
		m->box->init = -message.code;
	}
	return m->box->init > 0 ? 0 : err_set(err, ECHILD, "box: its init was never made");
}

static int make(struct making *m, struct mc_err *err)
{
	pid_t a = fork();
	if (a == 0)
		prepare_main(m);
	if (a < 0)
		return err_sys(err, "fork");
	m->report[1] = close_fd(m->report[1]);
	int status, rc = hear(m, err);
	while (waitpid(a, &status, 0) < 0 && errno == EINTR)
		;
	if (rc < 0)
		return rc;
	m->box->pidfd = sys_pidfd_open(m->box->init, err);
	return m->box->pidfd < 0 ? m->box->pidfd : 0;
}

int box_create(struct box *b, const struct box_paths *paths, struct mc_err *err)
{
	struct making m = {
		.box = b, .paths = paths, .report = { -1, -1 }, .mapped = { -1, -1 }, .probe = -1
	};
	bool root = geteuid() == 0;
	uint32_t slot;
	slot = (uint32_t)(now_ns(CLOCK_MONOTONIC) / 1000 + (uint64_t)getpid() * 7919) % 8000;
	b->pidfd = -1;
	b->ids = root ? BOX_IDS : 1;
	b->base = box_in_outer() ? 1
		  : root         ? 1500000000u + slot * BOX_IDS
				 : geteuid(); /* ids that own nothing */
	int rc = box_seccomp_prepare(err);
	if (rc == 0 && root && !box_in_outer())
		rc = box_cgroup_make(b, err);
	if (rc == 0)
		rc = m.probe = sys_open(AT_FDCWD, paths->probe, O_RDONLY, 0, err);
	if (rc >= 0)
		rc = sys_pipe(m.report, err);
	if (rc == 0)
		rc = sys_pipe(m.mapped, err);
	if (rc == 0)
		rc = make(&m, err);
	close_fd(m.probe);
	for (int i = 0; i < 2; i++) {
		close_fd(m.report[i]);
		close_fd(m.mapped[i]);
	}
	if (rc < 0)
		box_destroy(b);
	return rc < 0 ? rc : 0;
}

/* Our own child, so the number is still its own. A SIGKILL is enough, except for what is frozen: that has
 * to be thawed, again and again, because box root may be freezing at the same time. */
static bool end_init(struct box *b)
{
	for (int tries = 0; tries < 1000; tries++) {
		kill(b->init, SIGKILL);
		pid_t gone = waitpid(b->init, NULL, WNOHANG);
		if (gone == b->init || (gone < 0 && errno == ECHILD))
			return true;
		if (tries % 10 == 3)
			box_cgroup_thaw(b);
		usleep(tries < 20 ? 500 : 10000);
	}
	return false;
}

bool box_destroy(struct box *b)
{
	/* When the init of a pid namespace dies, the kernel kills all others, and the wait returns when they are
	 * gone (pid_namespaces(7)). */
	bool ended = b->init <= 0 || end_init(b);
	b->init = 0;
	b->pidfd = close_fd(b->pidfd);
	return box_cgroup_remove(b) == 0 && ended;
}

void box_close(struct box *b)
{
	for (struct box **p = &b->check->boxes; *p; p = &(*p)->next)
		if (*p == b) {
			*p = b->next;
			break;
		}
	if (!box_destroy(b))
		b->check->record->unremoved++;
}
