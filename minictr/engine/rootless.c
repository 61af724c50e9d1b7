/*
 * rootless.c - a user and mount namespace of the user's own, kept while there are containers.
 *
 * Kernel objects: user_namespaces(7), mount_namespaces(7), newuidmap(1), setns(2) by pidfd.
 * Why one namespace for all commands and not one each: `exec` and `stop` need capabilities over the
 * container's namespaces, and those belong to the user namespace in which they were made; a second user
 * namespace has none over them, although its map is the same. So the first command leaves a process behind
 * that only holds the namespaces ("pause"), and later commands join them. It costs one sleeping process; it
 * ends with the user's session or `minictr internal rootless-stop`.
 * Order: fork a helper that stays outside, unshare, let the helper write the maps (only a process in the
 * parent namespace may run newuidmap for us), become 0, leave the pause process, exec ourselves.
 * Left out: networks (pasta is started by the network floor), cgroups (the runtime asks the user's systemd,
 * tail/cgroup_systemd.c; here only whether there is one).
 */
#include "engine/rootless.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/program.h"
#include "base/sys.h"
#include "base/process_id.h"
#include "runtime/userns.h"

static const char variable[] = "MINICTR_ROOTLESS_UID";

bool rootless_active(void) { return getenv(variable) && geteuid() == 0; }

uid_t rootless_uid(void)
{
	uint64_t uid;
	return rootless_active() && parse_u64(getenv(variable), &uid) == 0 ? (uid_t)uid : getuid();
}

/* By fixed paths, not by variables of the session: all commands of one user must come to the same answer. */
bool rootless_systemd(void)
{
	_cleanup_free_ char *bus = xasprintf("/run/user/%u/bus", (unsigned)rootless_uid());
	_cleanup_free_ char *manager = xasprintf("/run/user/%u/systemd/private", (unsigned)rootless_uid());
	_cleanup_free_ char *helper = NULL;
	struct mc_err ignored = { 0 };
	return access("/sys/fs/cgroup/cgroup.controllers", F_OK) == 0 && access(bus, F_OK) == 0 &&
	       access(manager, F_OK) == 0 && program_path("minictr-systemd", &helper, &ignored) == 0;
}

char *rootless_controllers(void)
{
	_cleanup_buf_ struct buf text = { 0 };
	struct mc_err ignored = { 0 };
	_cleanup_free_ char *file =
		xasprintf("/sys/fs/cgroup/user.slice/user-%1$u.slice/user@%1$u.service/cgroup.controllers",
			(unsigned)rootless_uid());
	return xstrdup(file_read(AT_FDCWD, file, 4096, &text, &ignored) < 0 || !text.data ? "" : text.data);
}

/* $XDG_RUNTIME_DIR/minictr, or /tmp/minictr-run-UID where a session gave none; made mode 0700, refused when
 * another user owns it. Caller frees *ret. */
static int rootless_run_dir(char **ret, struct mc_err *err)
{
	const char *session = getenv("XDG_RUNTIME_DIR");
	_cleanup_free_ char *dir = session && *session ? xasprintf("%s/minictr", session)
						       : xasprintf("/tmp/minictr-run-%u", rootless_uid());
	struct stat st;
	if (mkdir(dir, 0700) < 0 && errno != EEXIST)
		return err_sys(err, "mkdir %s", dir);
	if (lstat(dir, &st) < 0 || !S_ISDIR(st.st_mode) || st.st_uid != geteuid() || (st.st_mode & 022))
		return err_set(err, EPERM,
			"%s must be a directory that you own and that no other user can write to", dir);
	*ret = take_ptr(&dir);
	return 0;
}

/* --- the pause process: "PID START" in RUN_DIR/pause --- */

static int pause_find(const char *run_dir)
{
	_cleanup_free_ char *path = xasprintf("%s/pause", run_dir);
	_cleanup_buf_ struct buf text = { 0 };
	struct mc_err ignored;
	struct process_id id = { 0 };
	if (file_read(AT_FDCWD, path, 100, &text, &ignored) < 0)
		return -1;
	if (sscanf(text.data, "%d %lu", &id.pid, &id.start) != 2 || !process_id_alive(&id))
		return -1;
	int pidfd = sys_pidfd_open(id.pid, &ignored);
	if (pidfd >= 0 && !process_id_alive(&id)) /* ended between the look and the open */
		pidfd = close_fd(pidfd);
	return pidfd;
}

/* What ps(1) shows: the words of the command line lie behind one another in our own memory
 * (proc_pid_cmdline(5)). Else this process would look like the first command that its user typed, hanging. */
static void rename_self(void)
{
	static const char name[] = "minictr-pause";
	_cleanup_buf_ struct buf words = { 0 };
	struct mc_err ignored = { 0 };
	if (file_read(AT_FDCWD, "/proc/self/cmdline", 1 << 20, &words, &ignored) == 0 &&
		words.len > sizeof(name)) {
		memset(program_invocation_name, 0, words.len);
		memcpy(program_invocation_name, name, sizeof(name));
	}
	prctl(PR_SET_NAME, name);
}

/* Runs for ever in the child: holds nothing but its namespaces. */
static void pause_run(void)
{
	rename_self();
	setsid();
	for (int fd = 0; fd < 3; fd++)
		dup2(open("/dev/null", O_RDWR | O_CLOEXEC), fd);
	struct mc_err ignored;
	/* The lock among them: a command that waits for it must not wait for us. */
	sys_close_range(3, ~0U, 0, &ignored);
	signal(SIGHUP, SIG_IGN);
	(void)!chdir("/");
	for (;;)
		pause();
}

static int pause_leave(const char *run_dir, struct mc_err *err)
{
	struct process_id id = { .pid = fork() };
	if (id.pid < 0)
		return err_sys(err, "fork");
	if (id.pid == 0)
		pause_run();
	if (!process_id_fill(&id))
		return err_set(err, ESRCH, "the process that holds the namespaces died at once");
	char text[64];
	int n = snprintf(text, sizeof(text), "%d %lu\n", id.pid, id.start);
	_cleanup_free_ char *path = xasprintf("%s/pause", run_dir);
	return file_write_atomic(AT_FDCWD, path, text, (size_t)n, 0600, 0, err);
}

/* --- making the namespaces --- */

/* In the helper, outside: maps the parent once it says that it has unshared. Never returns. */
static void map_parent(pid_t parent, int go)
{
	struct id_map uids = { 0 }, gids = { 0 };
	struct mc_err err = { 0 };
	char byte;
	if (read(go, &byte, 1) != 1) /* the parent gave up */
		_exit(1);
	if (userns_default_map(&uids, &gids, &err) < 0 || userns_map(parent, &uids, &gids, &err) < 0) {
		err_print(&err, NULL);
		_exit(1);
	}
	_exit(0);
}

static int explain_refusal(int rc, struct mc_err *err)
{
	if (access("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", F_OK) == 0)
		err_hint(err,
			"Ubuntu 23.10 and later forbid this to programs without an AppArmor profile: install "
			"the package (it brings one), or sudo sysctl "
			"kernel.apparmor_restrict_unprivileged_userns=0");
	else
		err_hint(err, "this host forbids user namespaces to unprivileged users (sysctl "
			      "kernel.unprivileged_userns_clone, user.max_user_namespaces); use sudo");
	return rc;
}

static int make_namespaces(struct mc_err *err)
{
	int go[2], status;
	pid_t self = getpid();
	int rc = sys_pipe(go, err);
	if (rc < 0)
		return rc;
	pid_t helper = fork();
	if (helper < 0)
		return err_sys(err, "fork");
	if (helper == 0) {
		close(go[1]);
		map_parent(self, go[0]);
	}
	close(go[0]);
	rc = sys_unshare(CLONE_NEWUSER | CLONE_NEWNS, err);
	if (rc == 0 && write(go[1], "", 1) != 1)
		rc = err_sys(err, "write to the helper");
	close(go[1]);
	if (waitpid(helper, &status, 0) != helper || (rc == 0 && status != 0))
		rc = rc < 0 ? rc : err_set(err, EPERM, "the user namespace got no ids");
	if (rc < 0)
		return explain_refusal(rc, err);
	rc = sys_mount(
		NULL, "/", NULL, MS_REC | MS_SLAVE, NULL, err); /* host mounts may appear, ours never leave */
	return rc;
}

static int join_namespaces(int pidfd, struct mc_err *err)
{
	_cleanup_free_ char *cwd = getcwd(NULL, 0); /* setns into a mount namespace moves us to its root */
	int rc = sys_setns(pidfd, CLONE_NEWUSER | CLONE_NEWNS, err);
	if (rc < 0)
		return err_hint(err, "the namespaces of the process that holds yours cannot be entered: end "
				     "that process; its name is minictr-pause");
	if (cwd && chdir(cwd) < 0)
		(void)!chdir("/");
	return 0;
}

static int become_root(struct mc_err *err)
{
	int rc = sys_setgid(0, err);
	return rc < 0 ? rc : sys_setuid(0, err);
}

int rootless_enter(char *const argv[], struct mc_err *err)
{
	_cleanup_free_ char *run_dir = NULL;
	_cleanup_close_ int lock = -1;
	if (geteuid() == 0)
		return 0;
	char uid[16];
	snprintf(uid, sizeof(uid), "%u", getuid());
	int rc = rootless_run_dir(&run_dir, err);
	if (rc < 0)
		return rc;
	_cleanup_free_ char *lock_path = xasprintf("%s/pause.lock", run_dir);
	lock = file_lock(
		AT_FDCWD, lock_path, true, err); /* two first commands at once must share one namespace */
	if (lock < 0)
		return lock;
	_cleanup_close_ int pidfd = pause_find(run_dir);
	rc = pidfd < 0 ? -ESRCH : join_namespaces(pidfd, err);
	bool first = rc == -ESRCH; /* none, or it is ending: its pidfd opens still, its namespaces are gone */
	if (first)
		rc = make_namespaces(err);
	if (rc == 0)
		rc = become_root(err);
	if (rc == 0 && first)
		rc = pause_leave(run_dir, err);
	if (rc < 0)
		return rc;
	lock = close_fd(lock);
	setenv(variable, uid, 1);
	return sys_execve("/proc/self/exe", argv, environ, err);
}

int rootless_stop(struct mc_err *err)
{
	_cleanup_free_ char *run_dir = NULL;
	int rc = rootless_run_dir(&run_dir, err);
	if (rc < 0)
		return rc;
	_cleanup_close_ int pidfd = pause_find(run_dir);
	if (pidfd < 0)
		return 0;
	rc = sys_pidfd_send_signal(pidfd, SIGKILL, err);
	if (rc < 0)
		return rc;
	struct pollfd end = { .fd = pidfd, .events = POLLIN };
	poll(&end, 1, 5000); /* a command that comes next shall not find it */
	return 0;
}
