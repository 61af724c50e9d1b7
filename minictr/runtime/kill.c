/*
 * kill.c - signals a container, and freezes it (freezer).
 *
 * A signal goes through a pidfd, after a check that it means the right process (state_pidfd()): between
 * reading the state and kill(2) another process may get the pid. When a container shares its pid namespace,
 * the end of its first process does not end the others; then SIGKILL goes to its whole cgroup.
 */
#include "runtime/kill.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/explain.h"
#include "base/file.h"
#include "base/result_file.h"
#include "base/sys.h"
#include "runtime/cgroup.h"
#include "runtime/state.h"

int write_pid_file(const char *path, pid_t pid, struct mc_err *err)
{
	char text[32];
	int n = snprintf(text, sizeof(text), "%d", pid);
	return path ? output_write(path, text, (size_t)n, 0644, err) : 0;
}

/* Does the first process have its own pid namespace? Then its end kills all others in it. */
static bool owns_pid_namespace(pid_t pid)
{
	char path[64];
	struct stat ours, theirs;
	snprintf(path, sizeof(path), "/proc/%d/ns/pid", pid);
	return stat("/proc/self/ns/pid", &ours) == 0 && stat(path, &theirs) == 0 &&
	       ours.st_ino != theirs.st_ino;
}

static int signal_all(const struct state *s, int signal, struct mc_err *err)
{
	struct cgroup cg = { 0 };
	int rc = cgroup_open(&cg, s->cgroup, err);
	if (rc >= 0)
		rc = cgroup_kill(&cg, signal, err);
	cgroup_close(&cg);
	return rc;
}

int kill_container(const char *root, const char *id, int signal, bool all, struct mc_err *err)
{
	_cleanup_state_ struct state s = { 0 };
	explain_step("kill.signal", 2, "by a pidfd, which can never mean another process");
	_cleanup_close_ int dir = state_load(root, id, &s, err);
	if (dir < 0)
		return dir;
	if (*s.cgroup && (all || (signal == SIGKILL && s.pid && !owns_pid_namespace(s.pid)))) {
		int rc = signal_all(&s, signal, err);
		return all && s.status == STATUS_STOPPED ? 0 : rc;
	}
	if (s.status == STATUS_STOPPED || s.status == STATUS_CREATING)
		return err_set(err, ESRCH, "container not running");
	_cleanup_close_ int pidfd = state_pidfd(&s, err);
	return pidfd < 0 ? pidfd : sys_pidfd_send_signal(pidfd, signal, err);
}

void await_end(const struct state *s)
{
	struct mc_err gone = { 0 };
	_cleanup_close_ int pidfd = state_pidfd(s, &gone);
	struct pollfd end = { .fd = pidfd, .events = POLLIN };
	if (pidfd >= 0)
		poll(&end, 1, 10000);
}

int pause_container(const char *root, const char *id, bool freeze, struct mc_err *err)
{
	_cleanup_state_ struct state s = { 0 };
	struct cgroup cg = { 0 };
	_cleanup_close_ int dir = state_load(root, id, &s, err);
	if (dir < 0)
		return dir;
	if (freeze && s.status != STATUS_RUNNING && s.status != STATUS_CREATED)
		return err_set(err, EINVAL, "container not running: it is %s", state_status_name(s.status));
	if (!freeze && s.status != STATUS_PAUSED)
		return err_set(err, EINVAL, "container not paused: it is %s", state_status_name(s.status));
	if (!*s.cgroup)
		return err_set(err, ENOTSUP, "container \"%s\" has no cgroup, so it cannot be paused", id);
	int rc = cgroup_open(&cg, s.cgroup, err);
	if (rc >= 0)
		rc = cgroup_freeze(&cg, freeze, err);
	cgroup_close(&cg);
	return rc;
}

static pid_t forward_to;
static void pass_on(int sig) { kill(forward_to, sig); }

void forward_signals(pid_t pid)
{
	static const int which[] = { SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2 };
	struct sigaction action = { .sa_handler = pass_on, .sa_flags = SA_RESTART };
	forward_to = pid;
	for (size_t i = 0; i < ARRAY_LEN(which); i++)
		sigaction(which[i], &action, NULL);
}
