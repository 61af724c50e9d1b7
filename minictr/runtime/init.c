/*
 * init.c - the container's first process, from clone3 to the exec of the program: a start, seen from inside.
 *
 * The table `init_steps` is the table of contents: each step is one function below it, in the same order,
 * with the reason for its place (`minictr explain` prints it). create.c is the same start seen from outside.
 * Before "go" the parent's work may be unfinished: user ids may not be mapped yet. After "created" the parent
 * is gone, and an error goes to the process that calls `start`. What must be true at the end: the program has
 * no descriptor of the host, no mount of the host, no privilege beyond config.json.
 *
 * Kernel objects: those of rootfs.c, namespace.c, cgroup.c, caps.c, seccomp.c; sockets between us and our
 * starters.
 * Left out: init_reap.c (--init), the tail's subjects (tail.h).
 */
#include "runtime/init.h"

#include <fcntl.h>
#include <linux/sched.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/explain.h"
#include "base/road.h"
#include "base/sys.h"
#include "base/warn.h"
#include "runtime/become.h"
#include "runtime/cgroup.h"
#include "runtime/inherit.h"
#include "runtime/mounts.h"
#include "runtime/namespace.h"
#include "runtime/process.h"
#include "runtime/rootfs.h"
#include "runtime/tail.h"
#include "runtime/terminal.h"

/* What this process holds until the exec. */
struct init_trip {
	const struct init *in;
	const struct config *config;
	int root;    /* root of the new tree (O_PATH) */
	int starter; /* connection of `start`: where errors go after "created"; -1 before */
	char *file;  /* the program's path */
};

static road_run init_enter_cgroup, init_default_signals, init_close_foreign, init_wait_for_parent,
	init_become_root, init_own_cgroup_root, init_own_session, init_loopback, init_hostname,
	init_private_tree, init_join_tree, init_attach_root, init_mount_all, init_make_devices,
	init_open_terminal, init_own_streams, init_create_hooks, init_cover_paths, init_switch_root,
	init_lock_root, init_become, init_find_program, init_report_created, init_wait_for_start,
	init_start_hooks, init_split, init_exec;
static road_needed init_has_cgroup_to_enter, init_in_user_namespace, init_has_cgroup_namespace,
	init_has_network_namespace, init_wants_hostname, init_joins_tree, init_wants_terminal,
	init_has_create_hooks, init_has_program, init_has_start_hooks, init_stays;

static const struct road_step init_steps[] = {
	{ init_enter_cgroup, NULL, init_has_cgroup_to_enter, "cgroup.enter", 3,
		"first of all: what this process uses counts from here on" },
	{ init_default_signals, NULL, NULL, "init.signals", 0,
		"a signal that our caller ignores would stay ignored in the program" },
	{ init_close_foreign, NULL, NULL, "init.close", 2,
		"no descriptor of the host may stay open once the container's files can be opened" },
	{ init_wait_for_parent, NULL, NULL, "namespace.go", 2,
		"only the parent can map user ids and run the host's hooks" },
	{ init_become_root, NULL, init_in_user_namespace, "userns.root", 11,
		"root of this user namespace, and an ordinary id outside" },
	{ init_own_cgroup_root, NULL, init_has_cgroup_namespace, "namespace.cgroup", 2,
		"made only now, inside our cgroup: the namespace shows the cgroup of its maker as \"/\"" },
	{ init_own_session, NULL, NULL, "process.session", 0,
		"signals of the caller's terminal are not for us, and a terminal of our own needs a "
		"session" },
	{ init_loopback, NULL, init_has_network_namespace, "namespace.loopback", 2,
		"a new network has one link, and that is down: not even 127.0.0.1 answers" },
	{ init_hostname, NULL, init_wants_hostname, "namespace.hostname", 2,
		"the name belongs to the UTS namespace, so the host keeps its own" },
	{ init_join_tree, NULL, init_joins_tree, "rootfs.join", 1,
		"from here on paths mean those of the mount namespace that config.json names" },
	{ init_private_tree, NULL, NULL, "rootfs.private", 1,
		"otherwise the host would see every mount made from here on" },
	{ init_attach_root, NULL, NULL, "rootfs.bind", 1,
		"the new root must be a mount, not only a directory" },
	{ init_mount_all, NULL, NULL, "rootfs.mounts", 1,
		"mounts are made now, while files of the host can still be bound into the container" },
	{ init_make_devices, NULL, NULL, "rootfs.dev", 1, "six harmless devices, instead of the host's" },
	{ init_open_terminal, NULL, init_wants_terminal, "terminal.open", 1,
		"the terminal is opened before /dev is covered and the root becomes read-only" },
	{ init_own_streams, NULL, NULL, "init.streams", 1,
		"standard streams must not be a way to change a file of the host" },
	{ init_create_hooks, NULL, init_has_create_hooks, "hooks.create_container", 3,
		"these hooks need the container's mounts, while the host's programs can still be reached" },
	{ init_cover_paths, NULL, NULL, "rootfs.mask", 1,
		"the last mounts hide what no namespace separates, or make it read-only" },
	{ init_switch_root, NULL, NULL, "rootfs.pivot", 1,
		"the host's tree is out of reach, not only out of sight" },
	{ init_lock_root, NULL, NULL, "rootfs.readonly", 1,
		"\"/\" becomes read-only after everything in it has been made" },
	{ init_become, NULL, init_has_program, "process.become", 11,
		"privileges go last: every step above needed some" },
	{ init_find_program, NULL, init_has_program, "process.find", 0,
		"looked up as the container's user, and before \"created\": a missing program is an error of "
		"create" },
	{ init_report_created, NULL, NULL, "init.created", 2,
		"nothing more can fail but the program itself" },
	{ init_wait_for_start, NULL, NULL, "init.start", 2,
		"created is not started: networks and hooks come in between" },
	{ init_start_hooks, NULL, init_has_start_hooks, "hooks.start_container", 3,
		"these hooks run inside, as the last thing before the program" },
	{ init_split, NULL, init_stays, "init.reap", 2,
		"process 1 stays to reap, the program runs as its child" },
	{ init_exec, NULL, NULL, "process.exec", 0, "the program takes this process over" },
};

int init_main(void *data)
{
	const struct init *in = data;
	struct init_trip t = { .in = in, .config = in->config, .root = -1, .starter = -1 };
	struct mc_err err = { 0 };
	explain_who("init");
	warn_to(warn_drop); /* our standard error is the container's from here on */
	if (road_walk(init_steps, ARRAY_LEN(init_steps), &t, &err) >= 0)
		return 0;
	/* The error goes to the process that waits for us: the parent until "created", then `start`. */
	(void)!write(t.starter >= 0 ? t.starter : in->sync, &err, sizeof(err));
	return err.exit_status ? err.exit_status : 1;
}

/* --- before "go" --- */

/* On cgroup2 the clone put us inside (CLONE_INTO_CGROUP); on version 1 we enter each tree here. */
static bool init_has_cgroup_to_enter(const void *trip)
{
	return ((const struct init_trip *)trip)->in->cgroup;
}

static int init_enter_cgroup(void *trip, struct mc_err *err)
{
	struct init_trip *t = trip;
	return cgroup_enter(t->in->cgroup, err);
}

static int init_default_signals(void *trip, struct mc_err *err)
{
	struct init_trip *t = trip;
	inherit_signals(t->in->ignored);
	return 0;
}

/*
 * Closes the descriptors that the clone copied: the parent's ends of sockets (while we hold one, we cannot
 * see the parent die), directories of the host, locks. It keeps what the steps below use; exec closes those.
 */
static int init_close_foreign(void *trip, struct mc_err *err)
{
	struct init_trip *t = trip;
	const struct init *in = t->in;
	size_t n = in->config->n_mounts;
	_cleanup_free_ int *keep = xcalloc(n + 6, sizeof(*keep));
	memcpy(keep, in->sources, n * sizeof(*keep));
	keep[n] = in->sync;
	keep[n + 1] = in->start;
	keep[n + 2] = in->root;
	keep[n + 3] = in->console;
	keep[n + 4] = in->tree;
	keep[n + 5] = explain_seal();
	return close_all_but(keep, n + 6, in->preserve, err);
}

static int init_wait_for_parent(void *trip, struct mc_err *err)
{
	struct init_trip *t = trip;
	return namespace_wait_go(t->in->sync, err);
}

/* --- names and ids --- */

static bool init_in_user_namespace(const void *trip)
{
	const struct init_trip *t = trip;
	return t->config->namespaces.ns[NS_USER].wanted;
}

static int init_become_root(void *trip, struct mc_err *err)
{
	struct init_trip *t = trip;
	int rc = become_mapped_root(t->config, err);
	/*
	 * The change of ids made us undumpable, and then /proc/self belongs to the host's root, which we no
	 * longer are (prctl(2), PR_SET_DUMPABLE). In a pid namespace shared with others we stay undumpable:
	 * a neighbour that is root of the same user namespace would find the host in /proc/PID/root.
	 */
	if (rc < 0 || !config_has_new(t->config, NS_PID))
		return rc;
	return sys_prctl(PR_SET_DUMPABLE, 1, 0, 0, 0, err);
}

static bool init_has_cgroup_namespace(const void *trip)
{
	return config_has_new(((const struct init_trip *)trip)->config, NS_CGROUP);
}

static int init_own_cgroup_root(void *trip, struct mc_err *err) { return sys_unshare(CLONE_NEWCGROUP, err); }

static int init_own_session(void *trip, struct mc_err *err) { return sys_setsid(err); }

static bool init_has_network_namespace(const void *trip)
{
	return config_has_new(((const struct init_trip *)trip)->config, NS_NET);
}

static int init_loopback(void *trip, struct mc_err *err) { return sys_link_up("lo", err); }

static bool init_wants_hostname(const void *trip)
{
	const struct init_trip *t = trip;
	return t->config->hostname || t->config->domainname;
}

static int init_hostname(void *trip, struct mc_err *err)
{
	struct init_trip *t = trip;
	int rc = t->config->hostname ? namespace_set_hostname(t->config->hostname, err) : 0;
	return rc < 0 || !t->config->domainname ? rc : sys_setdomainname(t->config->domainname, err);
}

/* --- the mount tree --- */

static bool init_joins_tree(const void *trip) { return ((const struct init_trip *)trip)->in->tree >= 0; }

/*
 * A mount namespace that config.json names by path, prepared by the caller. The root and the mounts are made
 * in it as in a new one: every process in it has the container's "/" from then on (pivot_root(2)).
 */
static int init_join_tree(void *trip, struct mc_err *err)
{
	struct init_trip *t = trip;
	int rc = sys_setns(t->in->tree, CLONE_NEWNS, err);
	close_fd(t->in->tree);
	return rc;
}

static int init_private_tree(void *trip, struct mc_err *err) { return rootfs_make_private(err); }

static int init_attach_root(void *trip, struct mc_err *err)
{
	struct init_trip *t = trip;
	if (t->in->root < 0) {
		int rc = rootfs_bind_self(t->config->root_path, &t->root, err);
		return rc == -ENOENT && t->in->tree >= 0
			       ? err_hint(err, "root.path must exist in the mount namespace that "
					       "linux.namespaces names; to run a program among the files of "
					       "another container use exec")
			       : rc;
	}
	t->root = t->in->root;
	return rootfs_attach(t->root, err);
}

static int init_mount_all(void *trip, struct mc_err *err)
{
	struct init_trip *t = trip;
	int rc = mounts_make(t->config, t->root, t->in->sources, err);
	if (rc < 0 || !t->config->has_process || str_eq(t->config->process.cwd, "/"))
		return rc;
	/* Create the working directory when it is missing, as docker does. */
	_cleanup_close_ int cwd = rootfs_target(t->root, t->config->process.cwd, false, err);
	return cwd < 0 ? cwd : 0;
}

static int init_make_devices(void *trip, struct mc_err *err)
{
	struct init_trip *t = trip;
	int rc = dev_nodes(t->config, t->root, err);
	if (rc < 0 || (rc = tail_in_init_before_pivot(t->config, t->root, t->in->state, err)) < 0)
		return rc;
	return dev_links(t->config, t->root, err);
}

static bool init_wants_terminal(const void *trip)
{
	return ((const struct init_trip *)trip)->in->console >= 0;
}

static int init_open_terminal(void *trip, struct mc_err *err)
{
	struct init_trip *t = trip;
	return terminal_open(&t->config->process, t->root, t->in->console, true, err);
}

static int init_own_streams(void *trip, struct mc_err *err)
{
	struct init_trip *t = trip;
	return inherit_streams(t->config, &t->config->process, t->root, err);
}

static bool init_has_create_hooks(const void *trip)
{
	return tail_has_hooks(((const struct init_trip *)trip)->config, HOOK_CREATE_CONTAINER);
}

static int init_create_hooks(void *trip, struct mc_err *err)
{
	struct init_trip *t = trip;
	return tail_hooks(t->config, HOOK_CREATE_CONTAINER, t->in->state, err);
}

static int init_cover_paths(void *trip, struct mc_err *err)
{
	struct init_trip *t = trip;
	int rc = lock_paths(t->config, t->root, err);
	return rc < 0 ? rc : mask_paths(t->config, t->root, err);
}

static int init_switch_root(void *trip, struct mc_err *err)
{
	struct init_trip *t = trip;
	int rc;
	if (!t->in->no_pivot)
		rc = rootfs_pivot(t->root, err);
	else if ((rc = sys_fchdir(t->root, err)) >= 0)
		rc = rootfs_chroot(".", err); /* an initramfs cannot be pivoted away (pivot_root(2), BUGS) */
	t->root = close_fd(t->root);
	return rc;
}

static int init_lock_root(void *trip, struct mc_err *err)
{
	struct init_trip *t = trip;
	int rc = tail_after_pivot(t->config, err);
	return rc < 0 || !t->config->root_readonly ? rc : rootfs_set_readonly(err);
}

/* --- from root to the program --- */

static bool init_has_program(const void *trip)
{
	return ((const struct init_trip *)trip)->config->has_process;
}

static int init_become(void *trip, struct mc_err *err)
{
	struct init_trip *t = trip;
	return become(t->config, &t->config->process, &t->in->filter, err);
}

static int init_find_program(void *trip, struct mc_err *err)
{
	struct init_trip *t = trip;
	const struct config_process *p = &t->config->process;
	return process_find(p->args[0], p->env, &t->file, err);
}

static int init_report_created(void *trip, struct mc_err *err)
{
	struct init_trip *t = trip;
	const struct mc_err none = { 0 };
	prctl(PR_SET_NAME, "minictr:init", 0, 0, 0);
	if (write(t->in->sync, &none, sizeof(none)) < 0)
		return err_sys(err, "telling the parent");
	close_fd(t->in->sync);
	return 0;
}

/* A starter that dies before its "go" has started nothing: wait for the next one. */
static int init_wait_for_start(void *trip, struct mc_err *err)
{
	struct init_trip *t = trip;
	struct mc_err gone = { 0 };
	for (;;) {
		int fd = accept4(t->in->start, NULL, NULL, SOCK_CLOEXEC);
		if (fd < 0 && errno != EINTR && errno != ECONNABORTED)
			return err_sys(err, "accept");
		if (fd >= 0 && namespace_wait_go(fd, &gone) == 0) {
			t->starter = fd;
			close_fd(t->in->start);
			return 0;
		}
		close_fd(fd);
	}
}

static bool init_has_start_hooks(const void *trip)
{
	return tail_has_hooks(((const struct init_trip *)trip)->config, HOOK_START_CONTAINER);
}

static int init_start_hooks(void *trip, struct mc_err *err)
{
	struct init_trip *t = trip;
	return tail_hooks(t->config, HOOK_START_CONTAINER, t->in->state, err);
}

/*
 * Process 1 stays, and its command line and environment come from the host: they hold paths and perhaps
 * secrets, which every program inside could read in /proc/1. Both lie in our own memory, so we overwrite
 * them.
 */
static void init_forget_host(void)
{
	char line[8192];
	int fd = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, line, sizeof(line));
	close_fd(fd);
	if (n > 5) {
		memset(program_invocation_name, 0, (size_t)n);
		memcpy(program_invocation_name, "init", 4);
	}
	for (char **e = environ; *e; e++)
		memset(*e, 0, strlen(*e));
}

static bool init_stays(const void *trip)
{
	const struct init_trip *t = trip;
	return t->in->reap && t->config->has_process;
}

/* --init: process 1 stays behind to reap (init_reap.c), its child goes on to the program. */
static int init_split(void *trip, struct mc_err *err)
{
	struct init_trip *t = trip;
	struct mc_err failed = { 0 };
	pid_t pid = fork();
	if (pid < 0)
		return err_sys(err, "fork");
	if (pid == 0)
		return 0;
	close_fd(t->starter); /* `start` waits until the last copy is closed, by the exec of our child */
	sys_close_range(3, ~0U, 0, &failed);
	init_forget_host();
	explain_stop();
	/*
	 * The program may trace a process of the same uid (ptrace(2)). We take its filter, or it could use us
	 * to make the calls that its own filter forbids.
	 */
	if (become_keeper(&t->config->process, &t->in->filter, &failed) < 0)
		_exit(125);
	_exit(init_reap(pid, &failed));
}

static int init_exec(void *trip, struct mc_err *err)
{
	struct init_trip *t = trip;
	const struct config_process *p = &t->config->process;
	int rc;
	if (!t->config->has_process)
		return err_set(err, EINVAL,
			"config.json has no process: this container can be created, but not started");
	if ((rc = close_at_exec(t->in->preserve, err)) < 0)
		return rc;
	char **env = tail_env(p);
	if ((rc = become_last(&t->in->filter, t->in->filter_told, err)) < 0)
		return rc;
	rc = sys_execve(t->file, p->args, env, err);
	return process_refused(err, t->file, rc);
}
