/*
 * exec.c - runs one more program in a running container: it joins the namespaces of the first process.
 *
 * The table `exec_steps` is the half that runs outside. It ends with the clone of a child in the container's
 * pid namespace; exec_inside.c is the child's half.
 *
 * Danger: between joining and exec a process of ours is visible from inside. It is safe because it runs from
 * a sealed executable (seal.c); it is not dumpable, so no program inside may trace it or open its descriptors
 * (prctl(2) PR_SET_DUMPABLE, CVE-2016-9962); it holds no descriptor of the host but one socket; and
 * everything of the host was opened before.
 *
 * Kernel objects: setns(2) with a pidfd, clone3(2) CLONE_INTO_CGROUP.
 */
#include "runtime/exec_inside.h"

#include <fcntl.h>
#include <libgen.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/road.h"
#include "base/sys.h"
#include "runtime/exec_process.h"
#include "runtime/inherit.h"
#include "runtime/kill.h"
#include "runtime/namespace.h"
#include "runtime/process.h"
#include "runtime/tail.h"
#include "runtime/terminal.h"

static road_run exec_find_container, exec_choose, exec_open_everything, exec_open_console,
	exec_join_namespaces, exec_spawn, exec_hear_started, exec_wait_for_end;
static road_needed exec_wants_terminal, exec_waits;
static void exec_release(struct exec_trip *t);

static const struct road_step exec_steps[] = {
	{ exec_find_container, NULL, NULL, "exec.find", 2,
		"the container must run; a pidfd means its first process and can never mean another one" },
	{ exec_choose, NULL, NULL, "exec.process", 2,
		"the process of config.json, with the changes of the command line" },
	{ exec_open_everything, NULL, NULL, "exec.open", 2,
		"files of the host are opened now, while paths still mean the host's files" },
	{ exec_open_console, NULL, exec_wants_terminal, "exec.console", 2,
		"the terminal will be opened inside and handed out here" },
	{ exec_join_namespaces, NULL, NULL, "namespace.join", 2,
		"we join the container's namespaces; the pid namespace counts only for our next child" },
	{ exec_spawn, NULL, NULL, "exec.spawn", 2, "a child born inside, in the container's cgroup" },
	{ exec_hear_started, NULL, NULL, "exec.started", 2,
		"an exec that succeeds closes the connection; one that fails sends its error first" },
	{ exec_wait_for_end, NULL, exec_waits, "exec.wait", 0, "its exit code is ours" },
};

int exec_container(const struct exec *o, struct mc_err *err)
{
	struct exec_trip t = { .o = o,
		.target = -1,
		.sync = { -1, -1 },
		.console = -1,
		.relay = -1,
		.tail_fd = -1,
		.pid_dir = -1,
		.pidfd_sock = -1,
		.pidfd = -1 };
	int rc = road_walk(exec_steps, ARRAY_LEN(exec_steps), &t, err);
	exec_release(&t);
	return rc;
}

static int exec_find_container(void *trip, struct mc_err *err)
{
	struct exec_trip *t = trip;
	_cleanup_close_ int dir = state_load(t->o->root, t->o->id, &t->state, err);
	if (dir < 0)
		return dir;
	if (t->state.status == STATUS_STOPPED || t->state.status == STATUS_CREATING)
		return err_set(err, ESRCH, "cannot exec in a %s container: container not running",
			state_status_name(t->state.status));
	if (t->state.status == STATUS_PAUSED)
		return err_set(err, EBUSY, "cannot exec in a paused container: resume it first");
	t->target = state_pidfd(&t->state, err);
	return t->target < 0 ? t->target : config_load_kept(dir, t->state.bundle, &t->config, err);
}

static int exec_choose(void *trip, struct mc_err *err)
{
	struct exec_trip *t = trip;
	int rc = exec_choose_process(t->o, &t->config, &t->doc, &t->process, err);
	if (rc < 0)
		return rc;
	t->filter.no_new_privs = t->process.no_new_privs;
	t->ignored = inherit_ignored();
	_cleanup_free_ char *cache = xasprintf("%s/.seccomp", t->o->root);
	return seccomp_plan_load(t->config.seccomp, cache, &t->filter, &t->filter_memory, err);
}

static int exec_is_ending(struct mc_err *err)
{
	return err_set(err, ESRCH, "cannot exec in a container that is ending: container not running");
}

/*
 * Finds the namespaces that the container's first process does not share with us. A process that is ending
 * has none: to read that as "the same as ours" would run the program on the host.
 */
static int exec_differing(pid_t pid, uint64_t *ret, struct mc_err *err)
{
	*ret = 0;
	for (int kind = 0; kind < NS_KINDS; kind++) {
		char path[64], own[64];
		struct stat theirs, ours;
		const char *name = namespace_name((enum namespace_kind)kind);
		snprintf(path, sizeof(path), "/proc/%d/ns/%s", pid, name);
		snprintf(own, sizeof(own), "/proc/self/ns/%s", name);
		if (stat(own, &ours) < 0) /* a kind that this kernel does not have */
			continue;
		if (stat(path, &theirs) < 0)
			return exec_is_ending(err);
		if (theirs.st_ino != ours.st_ino)
			*ret |= namespace_flag((enum namespace_kind)kind);
	}
	return 0;
}

/*
 * --cgroup, else the container's own cgroup. After passing its controllers on to cgroups below it (a systemd
 * inside does that) it may hold no process (cgroup-v2.rst, "No Internal Process Constraint"): then the cgroup
 * of its first process.
 */
static int exec_choose_cgroup(struct exec_trip *t, struct mc_err *err)
{
	int rc = 0;
	for (size_t i = 0; i < strv_len(t->o->cgroups) && rc >= 0; i++)
		rc = cgroup_descend(&t->cgroup, t->o->cgroups[i], err);
	if (t->o->cgroups)
		return rc;
	_cleanup_free_ char *below = cgroup_of_inner(&t->cgroup, t->state.pid);
	return below ? cgroup_descend(&t->cgroup, below, err) : 0;
}

static int exec_open_everything(void *trip, struct mc_err *err)
{
	struct exec_trip *t = trip;
	int rc = 0;
	if (t->o->pid_file) {
		_cleanup_free_ char *copy = xstrdup(t->o->pid_file);
		if ((t->pid_dir = dir_open(AT_FDCWD, dirname(copy), err)) < 0)
			return t->pid_dir;
	}
	if (*t->state.cgroup && ((rc = cgroup_open(&t->cgroup, t->state.cgroup, err)) < 0 ||
					(rc = exec_choose_cgroup(t, err)) < 0))
		return rc;
	if (t->o->pidfd_socket && (t->pidfd_sock = terminal_connect(t->o->pidfd_socket, err)) < 0)
		return t->pidfd_sock;
	if ((rc = tail_systemd_join(t->state.cgroup, err)) < 0)
		return rc;
	if ((rc = exec_differing(t->state.pid, &t->join, err)) < 0)
		return rc;
	/* The process still lives, so its pid was right all the time; if it ends later, setns(2) fails. */
	struct mc_err gone = { 0 };
	if (sys_pidfd_send_signal(t->target, 0, &gone) < 0)
		return exec_is_ending(err);
	struct json *oci = state_oci(&t->state);
	_cleanup_free_ char *text = json_dump(oci, false);
	json_free(oci);
	if ((rc = tail_exec(&t->config, &t->process, text, &t->tail_fd, err)) < 0)
		return rc;
	return sys_socketpair(SOCK_SEQPACKET, t->sync, err);
}

static bool exec_wants_terminal(const void *trip)
{
	return ((const struct exec_trip *)trip)->process.terminal;
}

static int exec_open_console(void *trip, struct mc_err *err)
{
	struct exec_trip *t = trip;
	int pair[2], rc;
	if (t->o->console_socket)
		return t->console = terminal_connect(t->o->console_socket, err);
	if (t->o->detach)
		return err_set(err, EINVAL,
			"--detach with a terminal needs --console-socket, or no process would hold the "
			"terminal");
	if ((rc = sys_socketpair(SOCK_STREAM, pair, err)) < 0)
		return rc;
	t->relay = pair[0];
	t->console = pair[1];
	return 0;
}

static int exec_join_namespaces(void *trip, struct mc_err *err)
{
	struct exec_trip *t = trip;
	int rc = sys_prctl(PR_SET_DUMPABLE, 0, 0, 0, 0, err);
	/* Without the cgroup namespace: the kernel refuses to move a process into a cgroup from within a
	 * namespace that does not show where it comes from (cgroup_namespaces(7)). The child joins it, once
	 * it is in the cgroup. */
	return rc < 0 ? rc : namespace_join(t->target, t->join & ~(uint64_t)CLONE_NEWCGROUP, err);
}

static bool exec_has_ended(int pidfd)
{
	struct pollfd p = { .fd = pidfd, .events = POLLIN };
	return poll(&p, 1, 0) > 0;
}

static int exec_spawn(void *trip, struct mc_err *err)
{
	struct exec_trip *t = trip;
	struct spawn_plan plan = {
		.cgroup = t->cgroup.n ? cgroup_fd(&t->cgroup) : -1,
		.child = exec_inside,
		.data = t,
	};
	struct mc_err refused = { 0 };
	t->pid = namespace_spawn(&plan, &t->pidfd, &refused);
	/* clone(2) fails with ENOMEM in a pid namespace whose process 1 has ended. */
	if (t->pid == -ENOMEM && exec_has_ended(t->target))
		return exec_is_ending(err);
	if (t->pid < 0)
		*err = refused;
	t->sync[1] = close_fd(t->sync[1]);
	t->console = close_fd(t->console);
	return t->pid < 0 ? t->pid : 0;
}

static int exec_hear_started(void *trip, struct mc_err *err)
{
	struct exec_trip *t = trip;
	struct mc_err said;
	char text[32];
	ssize_t n = TEMP_FAILURE_RETRY(recv(t->sync[0], &said, sizeof(said), 0));
	if (n == (ssize_t)sizeof(said)) {
		int status;
		struct mc_err ignored = { 0 };
		sys_wait(t->pid, &status, &ignored);
		*err = said;
		return -said.code;
	}
	int rc = t->pidfd_sock < 0 ? 0 : sys_send_fd(t->pidfd_sock, "pidfd", 5, t->pidfd, err);
	if (rc < 0 || !t->o->pid_file)
		return rc < 0 ? rc : 0;
	_cleanup_free_ char *copy = xstrdup(t->o->pid_file);
	int len = snprintf(text, sizeof(text), "%d", t->pid);
	return file_write_atomic(t->pid_dir, basename(copy), text, (size_t)len, 0644, 0, err);
}

static bool exec_waits(const void *trip) { return !((const struct exec_trip *)trip)->o->detach; }

static int exec_wait_for_end(void *trip, struct mc_err *err)
{
	struct exec_trip *t = trip;
	int status = 0, master = -1;
	char name[64];
	forward_signals(t->pid);
	if (t->relay >= 0 && sys_recv_fd(t->relay, name, sizeof(name), &master, err) >= 0 && master >= 0)
		terminal_relay(master, err);
	close_fd(master);
	int rc = sys_wait(t->pid, &status, err);
	return rc < 0 ? rc : process_exit_code(status);
}

static void exec_release(struct exec_trip *t)
{
	int fds[] = { t->target, t->sync[0], t->sync[1], t->console, t->relay, t->pid_dir, t->pidfd_sock,
		t->pidfd };
	for (size_t i = 0; i < ARRAY_LEN(fds); i++)
		close_fd(fds[i]);
	cgroup_close(&t->cgroup);
	seccomp_program_release(&t->filter_memory);
	config_release_process(&t->process);
	json_free(t->doc);
	config_release(&t->config);
	state_release(&t->state);
}
