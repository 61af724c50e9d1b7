/*
 * exec.c - one more program in a running container: no new namespaces, but those of its first process.
 *
 * exec_container() is the table of contents, in two halves: ours, which ends with the clone of a child that is born
 * in the container's pid namespace, and the child's, which ends with the program.
 *
 * Danger: between joining and exec, a process of ours can be seen from inside. What keeps it safe: it runs from a sealed
 * executable (seal.c), is not dumpable (nobody may trace it or open its descriptors, prctl(2) PR_SET_DUMPABLE;
 * CVE-2016-9962), holds no descriptor of the host but one socket, and everything of the host was opened before.
 *
 * Kernel objects: setns(2) with a pidfd, clone3(2) CLONE_INTO_CGROUP.
 */
#include "runtime/container.h"

#include <fcntl.h>
#include <libgen.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/explain.h"
#include "base/file.h"
#include "base/sys.h"
#include "runtime/become.h"
#include "runtime/caps.h"
#include "runtime/cgroup.h"
#include "runtime/config.h"
#include "runtime/exec_process.h"
#include "runtime/namespace.h"
#include "runtime/process.h"
#include "runtime/seccomp.h"
#include "runtime/state.h"
#include "runtime/tail.h"
#include "runtime/terminal.h"
#include "base/warn.h"

struct joining {
	const struct exec *o;
	struct state state;
	struct config config;          /* of the container */
	struct json *doc;              /* of --process; NULL without */
	struct config_process process; /* what is to run */
	struct cgroup cgroup;
	struct seccomp_plan filter;
	struct seccomp_program filter_memory;
	uint64_t join; /* CLONE_NEW* of the namespaces that differ from ours */
	int target;    /* pidfd of the container's first process */
	int sync[2];   /* ours, the child's: an error, or closed by a successful exec */
	int console;   /* where the terminal's master goes; -1 */
	int relay;     /* our end, when we hold the terminal ourselves; -1 */
	int tail_fd;   /* what the tail's part in the child needs; -1 */
	int pid_dir;   /* directory of --pid-file: its path means nothing once we have joined */
	int pidfd;
	pid_t pid;
};

static int find_container(struct joining *j, struct mc_err *err);
static int choose_process(struct joining *j, struct mc_err *err);
static int open_everything(struct joining *j, struct mc_err *err);
static int open_console(struct joining *j, struct mc_err *err);
static int join_namespaces(struct joining *j, struct mc_err *err);
static int spawn(struct joining *j, struct mc_err *err);
static int hear_started(struct joining *j, struct mc_err *err);
static int wait_for_end(struct joining *j, struct mc_err *err);
static void release(struct joining *j);
static int child_main(void *data);

static const struct step {
	int (*run)(struct joining *j, struct mc_err *err);
	const char *id;
	int tutorial;
	const char *why;
} steps[] = {
	{ find_container, "exec.find", 2,
		"a running one, and a handle on its first process that cannot change its meaning" },
	{ choose_process, "exec.process", 2, "what config.json says, changed by the command line" },
	{ open_everything, "exec.open", 2,
		"all that is the host's, while paths still mean the host's files" },
	{ open_console, "exec.console", 2, "the terminal will be opened inside and handed out here" },
	{ join_namespaces, "namespace.join", 2,
		"ours become the container's; its pid namespace is our next child's" },
	{ spawn, "exec.spawn", 2, "a child born inside, in the container's cgroup" },
	{ hear_started, "exec.started", 2, "silence means the program runs" },
	{ wait_for_end, "exec.wait", 0, "its exit code is ours" },
};

int exec_container(const struct exec *o, struct mc_err *err)
{
	struct joining j = { .o = o,
		.target = -1,
		.sync = { -1, -1 },
		.console = -1,
		.relay = -1,
		.tail_fd = -1,
		.pid_dir = -1,
		.pidfd = -1 };
	int rc = 0;
	for (size_t i = 0; i < ARRAY_LEN(steps) && rc >= 0; i++) {
		explain_step(steps[i].id, steps[i].tutorial, steps[i].why);
		rc = steps[i].run(&j, err);
	}
	release(&j);
	return rc;
}

static int find_container(struct joining *j, struct mc_err *err)
{
	_cleanup_close_ int dir = state_load(j->o->root, j->o->id, &j->state, err);
	if (dir < 0)
		return dir;
	if (j->state.status == STATUS_STOPPED || j->state.status == STATUS_CREATING)
		return err_set(err, ESRCH, "cannot exec in a %s container: container not running",
			state_status_name(j->state.status));
	if (j->state.status == STATUS_PAUSED)
		return err_set(err, EBUSY, "cannot exec in a paused container: resume it first");
	j->target = state_pidfd(&j->state, err);
	return j->target < 0 ? j->target : config_load_kept(dir, j->state.bundle, &j->config, err);
}

static int choose_process(struct joining *j, struct mc_err *err)
{
	int rc = exec_choose_process(j->o, &j->config, &j->doc, &j->process, err);
	if (rc < 0)
		return rc;
	j->filter.no_new_privs = j->process.no_new_privs;
	_cleanup_free_ char *cache = xasprintf("%s/.seccomp", j->o->root);
	rc = seccomp_plan_load(j->config.seccomp, cache, &j->filter, &j->filter_memory, err);
	return rc;
}

static int is_ending(struct mc_err *err)
{
	return err_set(err, ESRCH, "cannot exec in a container that is ending: container not running");
}

/*
 * The namespaces in which the container's first process is not where we are. One that is ending has none any more: to take
 * that for "the same as ours" would run the program on the host.
 */
static int differing(pid_t pid, uint64_t *ret, struct mc_err *err)
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
			return is_ending(err);
		if (theirs.st_ino != ours.st_ino)
			*ret |= namespace_flag((enum namespace_kind)kind);
	}
	return 0;
}

/* --cgroup, else the container's own; or, when that has handed its controllers on and may hold no process any
 * more (a systemd inside), where its first process is. */
static int choose_cgroup(struct joining *j, struct mc_err *err)
{
	int rc = 0;
	for (size_t i = 0; i < strv_len(j->o->cgroups) && rc >= 0; i++)
		rc = cgroup_descend(&j->cgroup, j->o->cgroups[i], err);
	if (j->o->cgroups)
		return rc;
	_cleanup_free_ char *below = cgroup_of_inner(&j->cgroup, j->state.pid);
	return below ? cgroup_descend(&j->cgroup, below, err) : 0;
}

static int open_everything(struct joining *j, struct mc_err *err)
{
	int rc = 0;
	if (j->o->pid_file) {
		_cleanup_free_ char *copy = xstrdup(j->o->pid_file);
		if ((j->pid_dir = dir_open(AT_FDCWD, dirname(copy), err)) < 0)
			return j->pid_dir;
	}
	if (*j->state.cgroup && ((rc = cgroup_open(&j->cgroup, j->state.cgroup, err)) < 0 ||
					(rc = choose_cgroup(j, err)) < 0))
		return rc;
	if ((rc = tail_systemd_join(j->state.cgroup, err)) < 0)
		return rc;
	if ((rc = differing(j->state.pid, &j->join, err)) < 0)
		return rc;
	/* Still there, so the number meant it all the while; should it end from here on, setns(2) says so. */
	struct mc_err gone = { 0 };
	if (sys_pidfd_send_signal(j->target, 0, &gone) < 0)
		return is_ending(err);
	struct json *oci = state_oci(&j->state);
	_cleanup_free_ char *text = json_dump(oci, false);
	json_free(oci);
	if ((rc = tail_exec(&j->config, &j->process, text, &j->tail_fd, err)) < 0)
		return rc;
	return sys_socketpair(SOCK_SEQPACKET, j->sync, err);
}

static int open_console(struct joining *j, struct mc_err *err)
{
	int pair[2], rc;
	if (!j->process.terminal)
		return 0;
	if (j->o->console_socket)
		return j->console = terminal_connect(j->o->console_socket, err);
	if (j->o->detach)
		return err_set(err, EINVAL,
			"--detach with a terminal needs --console-socket: nobody would hold the terminal");
	if ((rc = sys_socketpair(SOCK_STREAM, pair, err)) < 0)
		return rc;
	j->relay = pair[0];
	j->console = pair[1];
	return 0;
}

static int join_namespaces(struct joining *j, struct mc_err *err)
{
	int rc = sys_prctl(PR_SET_DUMPABLE, 0, 0, 0, 0, err);
	/* Without the cgroup namespace: the kernel lets nobody into a cgroup from within a namespace that does not
	 * show where he comes from. The child joins it, once it is in. */
	return rc < 0 ? rc : namespace_join(j->target, j->join & ~(uint64_t)CLONE_NEWCGROUP, err);
}

static bool has_ended(int pidfd)
{
	struct pollfd p = { .fd = pidfd, .events = POLLIN };
	return poll(&p, 1, 0) > 0;
}

static int spawn(struct joining *j, struct mc_err *err)
{
	struct spawn_plan plan = {
		.cgroup = j->cgroup.n ? cgroup_fd(&j->cgroup) : -1,
		.child = child_main,
		.data = j,
	};
	struct mc_err refused = { 0 };
	j->pid = namespace_spawn(&plan, &j->pidfd, &refused);
	if (j->pid == -ENOMEM &&
		has_ended(j->target)) /* what a pid namespace without its process 1 says to clone(2) */
		return is_ending(err);
	if (j->pid < 0)
		*err = refused;
	j->sync[1] = close_fd(j->sync[1]);
	j->console = close_fd(j->console);
	return j->pid < 0 ? j->pid : 0;
}

static int hear_started(struct joining *j, struct mc_err *err)
{
	struct mc_err said;
	char text[32];
	ssize_t n;
	do
		n = recv(j->sync[0], &said, sizeof(said), 0);
	while (n < 0 && errno == EINTR);
	if (n == (ssize_t)sizeof(said)) {
		int status;
		struct mc_err ignored = { 0 };
		sys_wait(j->pid, &status, &ignored);
		*err = said;
		return -said.code;
	}
	if (!j->o->pid_file)
		return 0;
	_cleanup_free_ char *copy = xstrdup(j->o->pid_file);
	int len = snprintf(text, sizeof(text), "%d", j->pid);
	return file_write_atomic(j->pid_dir, basename(copy), text, (size_t)len, 0644, 0, err);
}

static int wait_for_end(struct joining *j, struct mc_err *err)
{
	int status = 0, master = -1;
	char name[64];
	if (j->o->detach)
		return 0;
	forward_signals(j->pid);
	if (j->relay >= 0 && sys_recv_fd(j->relay, name, sizeof(name), &master, err) >= 0 && master >= 0)
		terminal_relay(master, err);
	close_fd(master);
	int rc = sys_wait(j->pid, &status, err);
	return rc < 0 ? rc : process_exit_code(status);
}

static void release(struct joining *j)
{
	int fds[] = { j->target, j->sync[0], j->sync[1], j->console, j->relay, j->pid_dir, j->pidfd };
	for (size_t i = 0; i < ARRAY_LEN(fds); i++)
		close_fd(fds[i]);
	cgroup_close(&j->cgroup);
	seccomp_program_release(&j->filter_memory);
	config_release_process(&j->process);
	json_free(j->doc);
	config_release(&j->config);
	state_release(&j->state);
}

/* --- the child, in the container's pid namespace --- */

static int enter(struct joining *j, struct mc_err *err)
{
	int keep[] = { j->sync[1], j->console, j->target, j->tail_fd, explain_seal() }, rc = 0;
	if (j->cgroup.n && !j->cgroup.v2 && (rc = cgroup_enter(&j->cgroup, err)) < 0)
		return rc;
	if ((rc = close_all_but(keep, ARRAY_LEN(keep), j->o->preserve, err)) < 0)
		return rc;
	if ((j->join & CLONE_NEWCGROUP) && (rc = sys_setns(j->target, CLONE_NEWCGROUP, err)) < 0)
		return rc;
	close_fd(j->target);
	return sys_setsid(err);
}

static int take_identity(struct joining *j, struct mc_err *err)
{
	int rc = j->join & CLONE_NEWUSER ? become_mapped_root(&j->config, err) : 0;
	if (rc >= 0 && j->console >= 0) {
		_cleanup_close_ int root = sys_open(AT_FDCWD, "/", O_PATH | O_DIRECTORY, 0, err);
		rc = root < 0 ? root : terminal_open(&j->process, root, j->console, false, err);
		j->console = close_fd(j->console);
	}
	return rc < 0 ? rc : become(&j->config, &j->process, &j->filter, err);
}

static int run_program(struct joining *j, struct mc_err *err)
{
	_cleanup_free_ char *file = NULL;
	int rc = process_find(j->process.args[0], j->process.env, &file, err);
	if (rc < 0)
		return rc;
	reset_signals();
	if ((rc = close_at_exec(j->o->preserve, err)) < 0 ||
		(rc = become_last(&j->process, &j->filter, err)) < 0)
		return rc;
	rc = sys_execve(file, j->process.args, tail_env(&j->process), err);
	return process_refused(err, file, rc);
}

static int child_main(void *data)
{
	struct joining *j = data;
	struct mc_err err = { 0 };
	explain_who("exec");
	warn_to(warn_drop);
	if (enter(j, &err) >= 0 && take_identity(j, &err) >= 0)
		run_program(j, &err);
	(void)!write(j->sync[1], &err, sizeof(err)); /* only reached when something failed */
	return 1;
}
