/*
 * create.c - makes a container up to the point where its program could run: a start, seen from outside.
 *
 * The table `create_steps` is the table of contents: each step is one function below it, in the same order,
 * with the reason for its place (`minictr explain` prints it) and the function that undoes it. init.c is the
 * same start seen from inside. Two rules explain the order. What can fail and leaves nothing behind comes
 * before the clone. The pid is on disk before "go", so that `delete` finds everything that is left when we
 * crash. We have one thread and no other child when we clone: a lock of another thread would stay taken in
 * the child for ever (clone(2)).
 *
 * Kernel objects: those of namespace.c, cgroup.c, userns.c; a socket pair (sync), a listening socket (start).
 * What must be true at the end: on success a process waits on the start socket, state.json says so, and the
 * process holds no open descriptor of ours; on failure no directory, cgroup, mount or process is left.
 * Left out: exec of the program (start.c), the tail's subjects (tail.h).
 */
#include "runtime/create_trip.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/explain.h"
#include "base/file.h"
#include "base/sys.h"
#include "runtime/inherit.h"
#include "runtime/kill.h"
#include "runtime/mounts.h"
#include "runtime/namespace.h"
#include "runtime/state.h"
#include "runtime/tail.h"
#include "runtime/terminal.h"
#include "runtime/userns.h"

static road_run create_read_config, create_hide_self, create_record_intent, create_ready_filter,
	create_open_sources, create_open_tree, create_open_sockets, create_clone_init, create_map_users,
	create_run_hooks, create_say_go, create_hear_created, create_record_created;
static road_undo create_forget, create_kill_init;
static road_needed create_is_root, create_has_filter, create_joins_tree, create_has_user_namespace,
	create_has_hooks;
static void create_release(struct create_trip *t);

static const struct road_step create_steps[] = {
	{ create_read_config, NULL, NULL, "create.config", 2,
		"config.json is read and checked before anything is made" },
	{ create_hide_self, NULL, create_is_root, "create.hide", 2,
		"no neighbour may trace our child while it still has root's privileges" },
	{ create_record_intent, create_forget, NULL, "create.intent", 2,
		"the state is written first, so that a later command can clean up after a crash" },
	{ create_make_cgroup, create_remove_cgroup, create_wants_cgroup, "cgroup.create", 3,
		"a directory per controller, before there is a process to put in" },
	{ create_set_limits, NULL, create_has_cgroup, "cgroup.limits", 3,
		"limits stand before the first process is inside" },
	{ create_ready_filter, NULL, create_has_filter, "create.filter", 11,
		"the filter's program is made outside, where there is time and memory" },
	{ create_open_sources, NULL, NULL, "create.sources", 1,
		"sources of bind mounts are opened outside, with the host's paths and privileges" },
	{ create_open_tree, NULL, create_joins_tree, "create.tree", 1,
		"the mount namespace to join is opened now, while its path still means the host's file" },
	{ create_open_sockets, NULL, NULL, "create.sockets", 2,
		"the two sides need sockets for three messages: go, created, start" },
	{ create_clone_init, create_kill_init, NULL, "namespace.clone", 2,
		"one clone3, all namespaces at once: a process with its own view" },
	{ create_map_users, NULL, create_has_user_namespace, "userns.map", 11,
		"root inside is an ordinary id outside; only the parent can say which" },
	{ create_run_hooks, NULL, create_has_hooks, "hooks.create_runtime", 3,
		"the host's hooks need the new namespaces, while \"/\" is still the host's" },
	{ create_say_go, NULL, NULL, "create.go", 2, "init may go on: what only the parent can do is done" },
	{ create_hear_created, NULL, NULL, "create.created", 2,
		"init reports that it waits for start, or the error that stopped it" },
	{ create_record_created, NULL, NULL, "create.record", 2,
		"the state is complete: from here on every command finds the container" },
};

int create_container(struct create *o, struct mc_err *err)
{
	struct create_trip t = { .o = o, .dir = -1, .sync = -1, .pidfd = -1 };
	o->terminal = -1;
	t.in = (struct init){ .config = &t.config,
		.sync = -1,
		.start = -1,
		.tree = -1,
		.root = o->rootfs_fd,
		.console = -1,
		.preserve = o->preserve,
		.no_pivot = o->no_pivot };
	int rc = road_walk(create_steps, ARRAY_LEN(create_steps), &t, err);
	create_release(&t);
	return rc < 0 ? rc : 0;
}

/* --- what is wanted --- */

static int create_read_config(void *trip, struct mc_err *err)
{
	struct create_trip *t = trip;
	int rc = config_load(t->o->bundle, &t->config, err);
	if (rc < 0)
		return rc;
	bool terminal = t->config.process.terminal, socket = t->o->console_socket;
	t->in.reap = str_eq(config_annotation(&t->config, "io.minictr.init"), "true");
	if (terminal && !socket && !t->o->hold_terminal)
		return err_set(err, EINVAL,
			"process.terminal is set: create (and run --detach) needs --console-socket, or no "
			"process would hold the terminal");
	if (!terminal && socket)
		return err_set(err, EINVAL,
			"--console-socket is of no use: process.terminal is not set in config.json");
	if (t->o->no_cgroup && create_any_limit(&t->config.limits))
		return err_set(err, EINVAL, "limits need a cgroup: leave out --cgroup-manager disabled");
	return 0;
}

static bool create_is_root(const void *trip) { return geteuid() == 0; }

/*
 * In a shared pid namespace others see our child, and a process of the same user may trace it (ptrace(2))
 * unless it is undumpable. Without root it must stay dumpable: /proc/PID/uid_map of an undumpable process
 * belongs to root.
 */
static int create_hide_self(void *trip, struct mc_err *err)
{
	return sys_prctl(PR_SET_DUMPABLE, 0, 0, 0, 0, err);
}

/* --- state --- */

/* cgroupsPath as cgroupfs takes it; systemd's "slice:prefix:name" becomes directories of the same names. */
static char *create_cgroup_path(const struct create_trip *t)
{
	const char *path = t->config.cgroups_path;
	char slice[256], prefix[256], name[256];
	if (t->o->no_cgroup)
		return xstrdup("");
	if (!path || !*path)
		return xasprintf("/minictr-oci/%s", t->o->id);
	if (sscanf(path, "%255[^:/]:%255[^:/]:%255[^:/]", slice, prefix, name) == 3)
		return xasprintf("/%s/%s-%s.scope", slice, prefix, name);
	return path[0] == '/' ? xstrdup(path) : xasprintf("/%s", path);
}

/* Which hooks later commands must run: without any they need not read config.json again. */
static void create_note_hooks(struct create_trip *t)
{
	struct json *points = json_set(t->state, "hooks", json_new_array());
	if (tail_has_hooks(&t->config, HOOK_POSTSTART))
		json_add(points, json_new_string("poststart"));
	if (tail_has_hooks(&t->config, HOOK_POSTSTOP))
		json_add(points, json_new_string("poststop"));
}

static int create_record_intent(void *trip, struct mc_err *err)
{
	struct create_trip *t = trip;
	char now[40];
	_cleanup_free_ char *path = create_cgroup_path(t);
	t->dir = state_create(t->o->root, t->o->id, err);
	if (t->dir < 0)
		return t->dir;
	int rc = config_keep(&t->config, t->dir, err);
	if (rc < 0 || (rc = tail_state_mounts(&t->config, t->dir, t->o->notify, err)) < 0)
		return rc;
	time_rfc3339((int64_t)now_ns(CLOCK_REALTIME), now, sizeof(now));
	t->state = json_new_object();
	json_set_string(t->state, "id", t->o->id);
	json_set_string(t->state, "bundle", t->config.bundle);
	json_set_string(t->state, "rootfs", t->config.root_path);
	json_set_string(t->state, "created", now);
	json_set_bool(t->state, "creating", true);
	json_set_string(t->state, "cgroup", path);
	create_note_hooks(t);
	if (t->config.annotations)
		json_set(t->state, "annotations", json_copy(t->config.annotations));
	return state_write(t->dir, t->state, 0, err);
}

static void create_state_text(struct create_trip *t, enum container_status status)
{
	struct state s = { .doc = t->state,
		.id = t->o->id,
		.bundle = t->config.bundle,
		.created = "",
		.rootfs = "",
		.cgroup = "",
		.pid = t->o->pid,
		.status = status };
	struct json *oci = state_oci(&s);
	free(t->state_text);
	t->state_text = json_dump(oci, false);
	json_free(oci);
}

/* After a failing hook poststop hooks run, too (runtime.md, "Lifecycle": step 12, then step 13). */
static void create_forget(void *trip)
{
	struct create_trip *t = trip;
	struct mc_err ignored = { 0 };
	if (t->pidfd >= 0) {
		create_state_text(t, STATUS_STOPPED);
		tail_hooks(&t->config, HOOK_POSTSTOP, t->state_text, &ignored);
	}
	if (t->dir >= 0)
		state_remove(t->o->root, t->o->id, &ignored);
}

/* --- what the child gets --- */

/* noNewPrivileges is a part of the plan too: without a filter it is the whole plan. */
static bool create_has_filter(const void *trip)
{
	const struct create_trip *t = trip;
	return t->config.seccomp || t->config.process.no_new_privs;
}

static int create_ready_filter(void *trip, struct mc_err *err)
{
	struct create_trip *t = trip;
	_cleanup_free_ char *cache = xasprintf("%s/.seccomp", t->o->root);
	int rc = seccomp_plan_load(t->config.seccomp, cache, &t->in.filter, &t->filter, err);
	t->in.filter.no_new_privs = t->config.process.no_new_privs;
	t->in.filter_told = !t->filter.owned; /* the built-in filter is docker's, which allows write(2) */
	return rc;
}

static bool create_joins_tree(const void *trip)
{
	return ((const struct create_trip *)trip)->config.namespaces.ns[NS_MOUNT].path;
}

static int create_open_sources(void *trip, struct mc_err *err)
{
	struct create_trip *t = trip;
	t->in.sources = xcalloc(t->config.n_mounts + 1, sizeof(int));
	for (size_t i = 0; i < t->config.n_mounts; i++)
		t->in.sources[i] = -1;
	int rc = t->in.root < 0 ? tail_root(&t->config, &t->in.root, err) : 0;
	if (rc < 0 || (rc = mounts_open_sources(&t->config, t->in.root >= 0, t->in.sources, err)) < 0)
		return rc;
	return tail_sources(&t->config, t->in.sources, err);
}

/*
 * Init makes the root in the namespace that we open here, and pivot_root(2) changes "/" for every process
 * in it. In the host's own namespace that would be every process of the machine.
 */
static int create_open_tree(void *trip, struct mc_err *err)
{
	struct create_trip *t = trip;
	static const char *const hosts[] = { "/proc/self/ns/mnt", "/proc/1/ns/mnt" };
	const char *path = t->config.namespaces.ns[NS_MOUNT].path;
	struct stat theirs, ours;
	t->in.tree = sys_open(AT_FDCWD, path, O_RDONLY, 0, err);
	for (size_t i = 0; t->in.tree >= 0 && i < ARRAY_LEN(hosts); i++)
		if (fstat(t->in.tree, &theirs) == 0 && stat(hosts[i], &ours) == 0 &&
			theirs.st_ino == ours.st_ino)
			return err_set(err, EINVAL,
				"linux.namespaces: mount namespace %s belongs to the host, and the "
				"container's \"/\" would replace the host's: leave out the path to get a new "
				"namespace",
				path);
	return t->in.tree;
}

/*
 * A named socket in the state directory. Any process that connects may say "go"; connect(2) needs write
 * permission on the socket (unix(7)), which only its owner and root have.
 */
static int create_listen(int dir, struct mc_err *err)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	_cleanup_close_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	/* By descriptor: the real path may exceed the 107 bytes of a socket's name (unix(7)). */
	snprintf(name.sun_path, sizeof(name.sun_path), "/proc/self/fd/%d/" STATE_START, dir);
	if (fd < 0 || bind(fd, (struct sockaddr *)&name, sizeof(name)) < 0 || listen(fd, 8) < 0)
		return err_sys(err, "socket for start");
	return take_fd(&fd);
}

/* Where the terminal's master goes: to the caller's socket, or to a pair whose other end is ours. */
static int create_open_console(struct create_trip *t, struct mc_err *err)
{
	int pair[2], rc;
	if (t->o->console_socket)
		return t->in.console = terminal_connect(t->o->console_socket, err);
	if ((rc = sys_socketpair(SOCK_STREAM, pair, err)) < 0)
		return rc;
	t->o->terminal = pair[0];
	t->in.console = pair[1];
	return 0;
}

static int create_open_sockets(void *trip, struct mc_err *err)
{
	struct create_trip *t = trip;
	int pair[2], rc;
	if ((rc = sys_socketpair(SOCK_SEQPACKET, pair, err)) < 0)
		return rc;
	t->sync = pair[0];
	t->in.sync = pair[1];
	if ((t->in.start = create_listen(t->dir, err)) < 0)
		return t->in.start;
	return t->config.process.terminal ? create_open_console(t, err) : 0;
}

/* --- the child --- */

static int create_clone_init(void *trip, struct mc_err *err)
{
	struct create_trip *t = trip;
	int rc;
	/* Without the cgroup namespace: init makes that one itself once it is inside its cgroup. */
	struct spawn_plan plan = {
		.flags = namespace_flags(&t->config.namespaces) & ~(uint64_t)CLONE_NEWCGROUP,
		.cgroup = t->cgroup.n ? cgroup_fd(&t->cgroup) : -1,
		.child = init_main,
		.data = &t->in,
	};
	create_state_text(t, STATUS_CREATING);
	t->in.state = t->state_text;
	t->in.ignored = inherit_ignored();
	if ((rc = tail_before_clone(&t->config, err)) < 0)
		return rc;
	rc = t->o->pid = namespace_spawn_among(&t->config.namespaces, &plan, &t->pidfd, err);
	t->in.sync = close_fd(t->in.sync); /* or we would never see the child's death as an end of file */
	/* If we die now, delete finds the process. Before "go" it needs no help: init ends by itself. */
	if (rc < 0 || (rc = state_write(t->dir, t->state, t->o->pid, err)) < 0)
		return rc;
	return tail_after_clone(&t->config, t->o->pid, err);
}

static void create_kill_init(void *trip)
{
	struct create_trip *t = trip;
	struct mc_err ignored = { 0 };
	int status;
	if (t->pidfd < 0)
		return;
	sys_pidfd_send_signal(t->pidfd, SIGKILL, &ignored);
	sys_wait(t->o->pid, &status, &ignored);
}

static bool create_has_user_namespace(const void *trip)
{
	return config_has_new(&((const struct create_trip *)trip)->config, NS_USER);
}

static int create_map_users(void *trip, struct mc_err *err)
{
	struct create_trip *t = trip;
	return userns_map(t->o->pid, &t->config.uids, &t->config.gids, err);
}

static bool create_has_hooks(const void *trip)
{
	const struct config *c = &((const struct create_trip *)trip)->config;
	return tail_has_hooks(c, HOOK_PRESTART) || tail_has_hooks(c, HOOK_CREATE_RUNTIME);
}

static int create_run_hooks(void *trip, struct mc_err *err)
{
	struct create_trip *t = trip;
	create_state_text(t, STATUS_CREATING); /* now with the pid */
	int rc = tail_hooks(&t->config, HOOK_PRESTART, t->state_text, err);
	return rc < 0 ? rc : tail_hooks(&t->config, HOOK_CREATE_RUNTIME, t->state_text, err);
}

static int create_say_go(void *trip, struct mc_err *err)
{
	struct create_trip *t = trip;
	return send(t->sync, "g", 1, MSG_NOSIGNAL) == 1
		       ? 0
		       : err_sys(err, "telling the container's init to go on");
}

static int create_hear_created(void *trip, struct mc_err *err)
{
	struct create_trip *t = trip;
	struct mc_err said;
	int status = 0;
	ssize_t n = TEMP_FAILURE_RETRY(recv(t->sync, &said, sizeof(said), 0));
	if (n == (ssize_t)sizeof(said) && said.code == 0)
		return 0;
	if (n == (ssize_t)sizeof(said)) {
		*err = said;
		return -said.code;
	}
	sys_wait(t->o->pid, &status, err);
	err_set(err, ECHILD, "the container's init ended before it was ready (wait status %#x)", status);
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
		err_hint(err, "killed: is the memory limit too small even for a start?");
	return -ECHILD;
}

static int create_send_pidfd(struct create_trip *t, struct mc_err *err)
{
	_cleanup_close_ int sock = terminal_connect(t->o->pidfd_socket, err);
	int rc = sock < 0 ? sock : sys_send_fd(sock, "pidfd", 5, t->pidfd, err);
	return rc < 0 ? rc : 0;
}

static int create_record_created(void *trip, struct mc_err *err)
{
	struct create_trip *t = trip;
	json_unset(t->state, "creating");
	int rc = state_write(t->dir, t->state, t->o->pid, err);
	if (rc >= 0 && t->o->pidfd_socket)
		rc = create_send_pidfd(t, err);
	return rc < 0 ? rc : write_pid_file(t->o->pid_file, t->o->pid, err);
}

/* Closes and frees, after success and failure alike. */
static void create_release(struct create_trip *t)
{
	tail_systemd_end(); /* init is in the scope now, or never will be */
	for (size_t i = 0; t->in.sources && i < t->config.n_mounts; i++)
		close_fd(t->in.sources[i]);
	free(t->in.sources);
	int fds[] = { t->in.sync, t->in.start, t->in.tree, t->in.console, t->sync, t->dir, t->pidfd };
	for (size_t i = 0; i < ARRAY_LEN(fds); i++)
		close_fd(fds[i]);
	if (t->in.root != t->o->rootfs_fd)
		close_fd(t->in.root);
	cgroup_close(&t->cgroup);
	seccomp_program_release(&t->filter);
	json_free(t->state);
	free(t->state_text);
	config_release(&t->config);
}
