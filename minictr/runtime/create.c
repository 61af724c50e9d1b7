/*
 * create.c - from a config.json to a process that waits in its container: a start, seen from outside.
 *
 * create_container() is the table of contents; each step is one function below it, in the same order. What happens
 * inside, from the clone on, is init.c. Follow the two side by side.
 *
 * Undo: what was made is recorded in the state file before the first kernel object is, so a create that dies
 * half-way is cleared by `delete --force`; a create that fails clears up by itself (undo()).
 *
 * Kernel objects: the state directory, the cgroup, detached mounts, one process. Left out: exec of the program
 * (start.c), the tail's subjects (tail.h).
 */
#include "runtime/container.h"

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
#include "runtime/caps.h"
#include "runtime/cgroup.h"
#include "runtime/config.h"
#include "runtime/init.h"
#include "runtime/mounts.h"
#include "runtime/namespace.h"
#include "runtime/seccomp.h"
#include "runtime/state.h"
#include "runtime/tail.h"
#include "runtime/terminal.h"
#include "runtime/userns.h"
#include "base/warn.h"

/* Everything a create holds. */
struct making {
	struct create *o;
	struct config config;
	struct json *state;            /* what is written to state.json */
	int dir;                       /* the state directory */
	struct cgroup cgroup;          /* .n 0: none */
	struct seccomp_program filter; /* memory behind in.filter */
	struct init in;                /* what the child gets */
	int sync;                      /* our end of the socket pair; in.sync is the child's */
	char *state_text;              /* OCI state for hooks */
	int pidfd;
};

static int read_config(struct making *m, struct mc_err *err);
static int hide_self(struct making *m, struct mc_err *err);
static int record_intent(struct making *m, struct mc_err *err);
static int make_cgroup(struct making *m, struct mc_err *err);
static int ready_filter(struct making *m, struct mc_err *err);
static int open_sources(struct making *m, struct mc_err *err);
static int open_sockets(struct making *m, struct mc_err *err);
static int clone_init(struct making *m, struct mc_err *err);
static int map_users(struct making *m, struct mc_err *err);
static int run_hooks(struct making *m, struct mc_err *err);
static int say_go(struct making *m, struct mc_err *err);
static int hear_created(struct making *m, struct mc_err *err);
static int record_created(struct making *m, struct mc_err *err);
static void undo(struct making *m);
static void release(struct making *m);

static const struct step {
	int (*run)(struct making *m, struct mc_err *err);
	const char *id;
	int tutorial;
	const char *why;
} steps[] = {
	{ read_config, "create.config", 2, "what is wanted, before anything is done" },
	{ hide_self, "create.hide", 2, "nobody may trace our child before it has given its rights away" },
	{ record_intent, "create.intent", 2, "written down first, so that a crash can be cleared up" },
	{ make_cgroup, NULL, 3, "limits stand before anybody is inside" },
	{ ready_filter, "create.filter", 11,
		"the filter's program is made outside, where there is time and memory" },
	{ open_sources, "create.sources", 1, "bind mounts start on the host's side, with the host's rights" },
	{ open_sockets, "create.sockets", 2, "how the two sides will talk: go, created, start" },
	{ clone_init, "namespace.clone", 2,
		"one clone3, all namespaces at once: a process with its own view" },
	{ map_users, NULL, 11, "only from outside can ids be given a meaning" },
	{ run_hooks, NULL, 2, "the host's hooks want the namespaces, and the root not yet switched" },
	{ say_go, "create.go", 2, "all that only we can do is done" },
	{ hear_created, "create.created", 2,
		"init reports that it waits for start, or the error that stopped it" },
	{ record_created, "create.record", 2, "from here on every command finds it" },
};

int create_container(struct create *o, struct mc_err *err)
{
	struct making m = { .o = o, .dir = -1, .sync = -1, .pidfd = -1 };
	int rc = 0;
	m.in = (struct init){ .config = &m.config,
		.sync = -1,
		.start = -1,
		.tree = -1,
		.root = o->rootfs_fd,
		.console = -1,
		.preserve = o->preserve,
		.no_pivot = o->no_pivot };
	for (size_t i = 0; i < ARRAY_LEN(steps) && rc >= 0; i++) {
		if (steps[i].id) /* without one: a step that tells it itself, when there is something to do */
			explain_step(steps[i].id, steps[i].tutorial, steps[i].why);
		rc = steps[i].run(&m, err);
	}
	if (rc < 0)
		undo(&m);
	release(&m);
	return rc < 0 ? rc : 0;
}

static int read_config(struct making *m, struct mc_err *err)
{
	int rc = config_load(m->o->bundle, &m->config, err);
	if (rc < 0)
		return rc;
	m->in.reap = str_eq(config_annotation(&m->config, "io.minictr.init"), "true");
	if (m->config.process.terminal && !m->o->console_socket && m->o->console < 0)
		return err_set(err, EINVAL,
			"process.terminal is set: create needs --console-socket to hand the terminal out");
	if (!m->config.process.terminal && m->o->console_socket)
		return err_set(err, EINVAL,
			"--console-socket is of no use: process.terminal is not set in config.json");
	return 0;
}

/* In a shared pid namespace others see our child. Without root it must stay dumpable, or we could not write its maps. */
static int hide_self(struct making *m, struct mc_err *err)
{
	return geteuid() == 0 ? sys_prctl(PR_SET_DUMPABLE, 0, 0, 0, 0, err) : 0;
}

/* cgroupsPath as cgroupfs takes it; systemd's "slice:prefix:name" becomes directories of the same names. */
static char *cgroup_path(const struct making *m)
{
	const char *path = m->config.cgroups_path;
	char slice[256], prefix[256], name[256];
	if (m->o->no_cgroup)
		return xstrdup("");
	if (!path || !*path)
		return xasprintf("/minictr-oci/%s", m->o->id);
	if (sscanf(path, "%255[^:/]:%255[^:/]:%255[^:/]", slice, prefix, name) == 3)
		return xasprintf("/%s/%s-%s.scope", slice, prefix, name);
	return path[0] == '/' ? xstrdup(path) : xasprintf("/%s", path);
}

static int record_intent(struct making *m, struct mc_err *err)
{
	char now[40];
	_cleanup_free_ char *path = cgroup_path(m);
	m->dir = state_create(m->o->root, m->o->id, err);
	if (m->dir < 0)
		return m->dir;
	int rc = config_keep(m->config.bundle, m->dir, err);
	if (rc < 0)
		return rc;
	time_rfc3339((int64_t)now_ns(CLOCK_REALTIME), now, sizeof(now));
	m->state = json_new_object();
	json_set_string(m->state, "id", m->o->id);
	json_set_string(m->state, "bundle", m->config.bundle);
	json_set_string(m->state, "rootfs", m->config.root_path);
	json_set_string(m->state, "created", now);
	json_set_bool(m->state, "creating", true);
	json_set_string(m->state, "cgroup", path);
	if (m->config.annotations)
		json_set(m->state, "annotations", json_copy(m->config.annotations));
	return state_write(m->dir, m->state, 0, err);
}

static bool any_limit(const struct config_limits *l)
{
	static const struct config_limits none;
	return memcmp(l, &none, sizeof(none)) != 0;
}

/* Without root, and without a tree delegated to us, there is no cgroup: fine, unless limits were asked for. */
static bool may_do_without(const struct making *m, int rc)
{
	bool refused = rc == -EACCES || rc == -EPERM || rc == -EROFS || rc == -ENOENT;
	return refused && !any_limit(&m->config.limits) &&
	       (geteuid() != 0 || !caps_have(21 /* CAP_SYS_ADMIN */) || rc == -ENOENT || rc == -EROFS ||
		       rc == -EACCES);
}

/* A scope is systemd's to make; it is opened, and completed in trees of version 1 that systemd does not use. */
static int scope_create(struct making *m, struct mc_err *err)
{
	_cleanup_free_ char *path = NULL;
	int rc = tail_systemd_begin(&m->config, m->o->id, &path, err);
	if (rc < 0)
		return rc;
	json_set_string(m->state, "cgroup", path);
	if ((rc = state_write(m->dir, m->state, 0, err)) < 0 ||
		(rc = cgroup_trees(&m->cgroup, path, err)) < 0)
		return rc;
	return m->cgroup.v2 ? cgroup_open(&m->cgroup, path, err) : cgroup_create(&m->cgroup, path, err);
}

static int make_cgroup(struct making *m, struct mc_err *err)
{
	struct mc_err refused = { 0 };
	const char *path = json_text_of(json_member(m->state, "cgroup"));
	if (!*path) /* --cgroup-manager disabled */
		return any_limit(&m->config.limits)
			       ? err_set(err, EINVAL,
					 "limits need a cgroup: leave out --cgroup-manager disabled")
			       : 0;
	int rc = m->o->systemd_cgroup ? scope_create(m, err) : cgroup_create(&m->cgroup, path, &refused);
	if (rc < 0 && m->o->systemd_cgroup)
		return rc;
	if (rc < 0 && may_do_without(m, rc)) {
		m->cgroup.n = 0;
		json_set_string(m->state, "cgroup", "");
		return 0;
	}
	if (rc < 0) {
		*err = refused;
		return rc == -EACCES ? err_hint(err, "limits without root: let your own systemd make the "
						     "cgroup, with --systemd-cgroup")
				     : rc;
	}
	if ((rc = cgroup_apply(&m->cgroup, &m->config.limits, err)) < 0)
		return rc;
	m->in.cgroup = m->cgroup.v2 ? NULL : &m->cgroup;
	return tail_cgroup(&m->config, &m->cgroup, err);
}

static int ready_filter(struct making *m, struct mc_err *err)
{
	_cleanup_free_ char *cache = xasprintf("%s/.seccomp", m->o->root);
	int rc = seccomp_plan_load(m->config.seccomp, cache, &m->in.filter, &m->filter, err);
	m->in.filter.no_new_privs = m->config.process.no_new_privs;
	return rc;
}

static int open_sources(struct making *m, struct mc_err *err)
{
	m->in.sources = xcalloc(m->config.n_mounts + 1, sizeof(int));
	for (size_t i = 0; i < m->config.n_mounts; i++)
		m->in.sources[i] = -1;
	const char *joined = m->config.namespaces.ns[NS_MOUNT].path;
	if (joined) { /* somebody else's tree: init enters it, and mounts nothing */
		warn_user("linux.namespaces: mount namespace %s is joined as it is: root, mounts, devices "
			  "and masked "
			  "paths of config.json are left out",
			joined);
		return m->in.tree = sys_open(AT_FDCWD, joined, O_RDONLY, 0, err);
	}
	int rc = mounts_open_sources(&m->config, m->in.sources, err);
	if (rc < 0 || (rc = tail_sources(&m->config, m->in.sources, err)) < 0)
		return rc;
	return m->in.root < 0 ? tail_root(&m->config, &m->in.root, err) : 0;
}

/* A socket with a name, in the state directory, that only root can reach: whoever connects may say "go". */
static int listen_for_start(int dir, struct mc_err *err)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	_cleanup_close_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	/* By descriptor: the real path may be longer than the 107 bytes that a socket's name can have. */
	snprintf(name.sun_path, sizeof(name.sun_path), "/proc/self/fd/%d/" STATE_START, dir);
	if (fd < 0 || bind(fd, (struct sockaddr *)&name, sizeof(name)) < 0 || listen(fd, 8) < 0)
		return err_sys(err, "socket for start");
	return take_fd(&fd);
}

static int open_sockets(struct making *m, struct mc_err *err)
{
	int pair[2], rc;
	if ((rc = sys_socketpair(SOCK_SEQPACKET, pair, err)) < 0)
		return rc;
	m->sync = pair[0];
	m->in.sync = pair[1];
	if ((m->in.start = listen_for_start(m->dir, err)) < 0)
		return m->in.start;
	if (m->config.process.terminal && m->o->console_socket)
		rc = m->in.console = terminal_connect(m->o->console_socket, err);
	else if (m->config.process.terminal)
		m->in.console = m->o->console;
	return rc;
}

static void make_state_text(struct making *m, enum container_status status)
{
	struct state s = { .doc = m->state,
		.id = m->o->id,
		.bundle = m->config.bundle,
		.created = "",
		.rootfs = "",
		.cgroup = "",
		.pid = m->o->pid,
		.status = status };
	struct json *oci = state_oci(&s);
	free(m->state_text);
	m->state_text = json_dump(oci, false);
	json_free(oci);
}

static int clone_init(struct making *m, struct mc_err *err)
{
	int rc;
	struct spawn_plan plan = {
		.flags = namespace_flags(&m->config.namespaces) &
			 ~(uint64_t)CLONE_NEWCGROUP, /* init unshares it */
		.cgroup = m->cgroup.n ? cgroup_fd(&m->cgroup) : -1,
		.child = init_main,
		.data = &m->in,
	};
	make_state_text(m, STATUS_CREATING);
	m->in.state = m->state_text;
	if ((rc = tail_before_clone(&m->config, err)) < 0)
		return rc;
	rc = m->o->pid = namespace_spawn_among(&m->config.namespaces, &plan, &m->pidfd, err);
	m->in.sync = close_fd(m->in.sync); /* or we would never see the child's death as an end of file */
	/* Should we die now, delete finds whom to end. Before "go" that is not needed: without it init goes by itself. */
	if (rc < 0 || (rc = state_write(m->dir, m->state, m->o->pid, err)) < 0)
		return rc;
	return tail_after_clone(&m->config, m->o->pid, err);
}

static int map_users(struct making *m, struct mc_err *err)
{
	if (!config_has_new(&m->config, NS_USER))
		return 0;
	return userns_map(m->o->pid, &m->config.uids, &m->config.gids, err);
}

static int run_hooks(struct making *m, struct mc_err *err)
{
	make_state_text(m, STATUS_CREATING); /* now with the pid */
	int rc = tail_hooks(&m->config, HOOK_PRESTART, m->state_text, err);
	return rc < 0 ? rc : tail_hooks(&m->config, HOOK_CREATE_RUNTIME, m->state_text, err);
}

static int say_go(struct making *m, struct mc_err *err)
{
	return send(m->sync, "g", 1, MSG_NOSIGNAL) == 1
		       ? 0
		       : err_sys(err, "telling the container's init to go on");
}

static int hear_created(struct making *m, struct mc_err *err)
{
	struct mc_err said;
	ssize_t n;
	int status = 0;
	do
		n = recv(m->sync, &said, sizeof(said), 0);
	while (n < 0 && errno == EINTR);
	if (n == (ssize_t)sizeof(said) && said.code == 0)
		return 0;
	if (n == (ssize_t)sizeof(said)) {
		*err = said;
		return -said.code;
	}
	sys_wait(m->o->pid, &status, err);
	err_set(err, ECHILD, "the container's init ended before it was ready (wait status %#x)", status);
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
		err_hint(err, "killed: is the memory limit too small even for a start?");
	return -ECHILD;
}

static int record_created(struct making *m, struct mc_err *err)
{
	json_unset(m->state, "creating");
	int rc = state_write(m->dir, m->state, m->o->pid, err);
	return rc < 0 ? rc : write_pid_file(m->o->pid_file, m->o->pid, err);
}

/* Takes back whatever there is of it; each part accepts that it was never made. */
static void undo(struct making *m)
{
	struct mc_err ignored = { 0 };
	int status;
	if (m->pidfd >= 0) {
		sys_pidfd_send_signal(m->pidfd, SIGKILL, &ignored);
		sys_wait(m->o->pid, &status, &ignored);
	}
	if (m->cgroup.n)
		cgroup_remove(&m->cgroup, &ignored);
	/* runtime.md, "Lifecycle": a failing hook leads to step 12, and 13 is poststop. */
	if (m->pidfd >= 0) {
		make_state_text(m, STATUS_STOPPED);
		tail_hooks(&m->config, HOOK_POSTSTOP, m->state_text, &ignored);
	}
	if (m->dir >= 0)
		state_remove(m->o->root, m->o->id, &ignored);
}

static void release(struct making *m)
{
	tail_systemd_end(); /* init is in the scope, or nobody ever will be */
	for (size_t i = 0; m->in.sources && i < m->config.n_mounts; i++)
		close_fd(m->in.sources[i]);
	free(m->in.sources);
	close_fd(m->in.sync);
	close_fd(m->in.start);
	close_fd(m->in.tree);
	if (m->in.console != m->o->console)
		close_fd(m->in.console);
	if (m->in.root != m->o->rootfs_fd)
		close_fd(m->in.root);
	close_fd(m->sync);
	close_fd(m->dir);
	close_fd(m->pidfd);
	cgroup_close(&m->cgroup);
	seccomp_program_release(&m->filter);
	json_free(m->state);
	free(m->state_text);
	config_release(&m->config);
}
