/*
 * box/beside.c - a second box on the same network, for the grader's own judges and servers.
 *
 * Kernel objects: setns(2), clone(2), mount_namespaces(7), pid_namespaces(7).
 * It shares user and network namespace with the box it stands beside, so that 127.0.0.1 is the same. Its
 * mounts, its files in /work and /tmp, and its processes are its own: a learner's root can neither name nor
 * change them. It is made before a learner's program runs: the mount tree is a copy, and has to be copied
 * while it is as the grader made it.
 */
#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/sys.h"
#include "learn/checking.h"

static int own_mounts(struct mc_err *err)
{
	static const char *const places[] = { "/work", "/tmp", "/run", "/var" };
	int rc = sys_mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL, err);
	if (rc == 0)
		rc = sys_mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL, err);
	for (size_t i = 0; rc == 0 && i < ARRAY_LEN(places); i++)
		rc = sys_mount("tmpfs", places[i], "tmpfs", MS_NODEV, "mode=755,size=48m", err);
	return rc;
}

static void __attribute__((noreturn)) beside_init(struct box *j, int probe, int report)
{
	struct mc_err err = { 0 };
	char *const argv[] = { "probe", "pause", NULL }, *const env[] = { NULL };
	signal(SIGCHLD, SIG_IGN);
	int rc = sys_prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0, &err);
	if (rc == 0)
		rc = own_mounts(&err);
	if (rc == 0)
		rc = box_confine(j, &err);
	if (rc == 0 && sys_close_range(0, ~0u, CLOSE_RANGE_CLOEXEC, &err) == 0)
		sys_execveat(probe, argv, env, &err);
	_exit(write(report, &err, sizeof(err)) < 0);
}

static int make_beside(struct box *j, const struct box *b, int probe, int report, struct mc_err *err)
{
	int rc = box_first_to_die(err);
	/* the cgroup namespace, too: an unprivileged user may not enter a box that has the host's */
	if (rc == 0)
		rc = box_join(b,
			CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS |
				CLONE_NEWCGROUP,
			err);
	if (rc == 0)
		rc = box_become_root(b->ids, err);
	if (rc < 0)
		return rc;
	struct clone_args args = { .flags = CLONE_NEWNS | CLONE_NEWPID | CLONE_PARENT };
	pid_t pid = sys_clone3(&args, err);
	if (pid == 0)
		beside_init(j, probe, report);
	struct mc_err hello = { .code = -pid };
	return pid < 0 ? pid : write(report, &hello, sizeof(hello)) < 0 ? -errno : 0;
}

/* The pid, then end of file when init has become the probe; or an error. */
static int hear_beside(struct box *j, int report, struct mc_err *err)
{
	struct mc_err message;
	while (read(report, &message, sizeof(message)) == (ssize_t)sizeof(message)) {
		if (message.code > 0) {
			*err = message;
			return -message.code;
		}
		j->init = -message.code;
	}
	return j->init > 0 ? 0 : err_set(err, ECHILD, "box: the judges' init was never made");
}

static int create_beside(struct box *j, const struct box *b, struct mc_err *err)
{
	int report[2], rc = sys_pipe(report, err);
	int probe = rc < 0 ? rc : sys_open(AT_FDCWD, b->check->paths->probe, O_RDONLY, 0, err);
	if (probe < 0)
		return probe;
	pid_t helper = fork();
	if (helper == 0) {
		struct mc_err failed = { 0 };
		close(report[0]);
		if (make_beside(j, b, probe, report[1], &failed) < 0 &&
			write(report[1], &failed, sizeof(failed)) < 0)
			_exit(2);
		_exit(0);
	}
	close(report[1]);
	rc = helper < 0 ? err_sys(err, "fork") : hear_beside(j, report[0], err);
	while (helper > 0 && waitpid(helper, NULL, 0) < 0 && errno == EINTR)
		;
	close(report[0]);
	close(probe);
	if (rc == 0)
		rc = j->pidfd = sys_pidfd_open(j->init, err);
	return rc < 0 ? rc : 0;
}

struct box *box_beside(struct box *b)
{
	struct check *c = b->check;
	struct mc_err err = { 0 };
	struct box *j = xcalloc(1, sizeof(*j));
	*j = (struct box){ .check = c, .pidfd = -1, .base = b->base, .ids = b->ids, .judge = true };
	if (b->foreign)
		check_trouble(c, "a box for judges has to be made before a learner's program runs");
	if (create_beside(j, b, &err) < 0)
		check_trouble(c, "the judges' box: %s", err.what);
	j->next = c->boxes;
	c->boxes = j;
	return j;
}
