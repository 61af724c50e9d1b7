/*
 * init.c - the container's first process, from clone3 to the exec of the program: a start, seen from inside.
 *
 * The table `steps` is the table of contents: each step is one function below it, in the same order, with the reason why it
 * stands there (what `minictr explain` prints). A step without an id is not always needed and tells its reason itself.
 * create.c is the same start seen from outside.
 * Before "go" nothing may be assumed (ids are not mapped yet); after "created" the parent is gone, and errors go to
 * whoever calls `start`. What must be true at the end: no descriptor of the host, no mount of the host, no
 * right more than config.json gives.
 *
 * Kernel objects: those of rootfs.c, namespace.c, cgroup.c, caps.c, seccomp.c; sockets between us and our starters.
 * Left out: init_reap.c (--init), the tail's subjects (tail.h).
 */
#include "runtime/init.h"

#include <fcntl.h>
#include <linux/sched.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/explain.h"
#include "base/sys.h"
#include "runtime/become.h"
#include "runtime/cgroup.h"
#include "runtime/mounts.h"
#include "runtime/namespace.h"
#include "runtime/process.h"
#include "runtime/rootfs.h"
#include "runtime/tail.h"
#include "runtime/terminal.h"
#include "base/warn.h"

struct child {
	const struct init *in;
	const struct config *config;
	int root;    /* root of the new tree (O_PATH) */
	int starter; /* connection of `start`: where errors go after "created" */
	char *file;  /* the program's path */
};

static int enter_cgroup(struct child *c, struct mc_err *err);
static int close_foreign(struct child *c, struct mc_err *err);
static int wait_for_parent(struct child *c, struct mc_err *err);
static int own_ids(struct child *c, struct mc_err *err);
static int own_names(struct child *c, struct mc_err *err);
static int private_tree(struct child *c, struct mc_err *err);
static int attach_root(struct child *c, struct mc_err *err);
static int join_tree(struct child *c, struct mc_err *err);
static int mount_all(struct child *c, struct mc_err *err);
static int make_devices(struct child *c, struct mc_err *err);
static int open_terminal(struct child *c, struct mc_err *err);
static int inner_hooks(struct child *c, struct mc_err *err);
static int cover_paths(struct child *c, struct mc_err *err);
static int switch_root(struct child *c, struct mc_err *err);
static int lock_root(struct child *c, struct mc_err *err);
static int drop_rights(struct child *c, struct mc_err *err);
static int report_created(struct child *c, struct mc_err *err);
static int wait_for_start(struct child *c, struct mc_err *err);
static int run_program(struct child *c, struct mc_err *err);

/* A mount namespace that was joined is somebody else's tree: nothing is mounted or locked in it. */
enum when { ALWAYS, OWN_TREE, JOINED_TREE };

static const struct step {
	int (*run)(struct child *c, struct mc_err *err);
	enum when when;
	const char *id;
	int tutorial;
	const char *why;
} steps[] = {
	{ enter_cgroup, ALWAYS, NULL, 3, "first of all: what this process uses counts from here on" },
	{ close_foreign, ALWAYS, "init.close", 2,
		"no descriptor of the host may be left when somebody else's files are in reach" },
	{ wait_for_parent, ALWAYS, "namespace.go", 2,
		"only the parent can map users and run the host's hooks" },
	{ own_ids, ALWAYS, NULL, 11, "in a user namespace: root of this namespace, nobody outside" },
	{ own_names, ALWAYS, "namespace.names", 2, "a cgroup root, a session and a host name of our own" },
	{ private_tree, OWN_TREE, "rootfs.private", 1,
		"or the host would see every mount made from here on" },
	{ join_tree, JOINED_TREE, "rootfs.join", 1, "a mount namespace of somebody else's, taken as it is" },
	{ attach_root, OWN_TREE, "rootfs.bind", 1, "the new root must be a mount, not only a directory" },
	{ mount_all, OWN_TREE, "rootfs.mounts", 1, "now, while the host's files can still be bound in" },
	{ make_devices, OWN_TREE, "rootfs.dev", 1, "six devices that hurt nobody, instead of the host's" },
	{ open_terminal, ALWAYS, NULL, 1, "before /dev is covered and the root is locked" },
	{ inner_hooks, ALWAYS, NULL, 2,
		"the container's hooks want its mounts, and the host's programs still in reach" },
	{ cover_paths, OWN_TREE, "rootfs.mask", 1,
		"last mounts: what namespaces do not divide is hidden or locked" },
	{ switch_root, OWN_TREE, "rootfs.pivot", 1,
		"the host's tree is out of reach, not only out of sight" },
	{ lock_root, OWN_TREE, "rootfs.readonly", 1, "after everything that had to be made in it" },
	{ drop_rights, ALWAYS, "process.become", 11, "rights go last: every step above needed some" },
	{ report_created, ALWAYS, "init.created", 2, "nothing more can fail but the program itself" },
	{ wait_for_start, ALWAYS, "init.start", 2,
		"created is not started: networks and hooks come in between" },
	{ run_program, ALWAYS, "process.exec", 0, "the program takes this process over" },
};

/* An error goes to whoever waits for us: the parent until "created", then the one who said start. */
static int fail(struct child *c, struct mc_err *err)
{
	int to = c->starter >= 0 ? c->starter : c->in->sync;
	(void)!write(to, err, sizeof(*err));
	return err->exit_status ? err->exit_status : 1;
}

int init_main(void *data)
{
	const struct init *in = data;
	struct child c = { .in = in, .config = in->config, .root = -1, .starter = -1 };
	struct mc_err err = { 0 };
	explain_who("init");
	warn_to(warn_drop);
	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		if (steps[i].when == (in->tree < 0 ? JOINED_TREE : OWN_TREE))
			continue;
		if (steps[i].id)
			explain_step(steps[i].id, steps[i].tutorial, steps[i].why);
		if (steps[i].run(&c, &err) < 0)
			return fail(&c, &err);
	}
	return 0;
}

static int enter_cgroup(struct child *c, struct mc_err *err)
{
	if (!c->in->cgroup) /* cgroup2: born there */
		return 0;
	explain_step("cgroup.enter", 3, "first of all: what this process uses counts from here on");
	return cgroup_enter(c->in->cgroup, err);
}

/* Closes what came with the clone: the parent's ends of sockets (or its death would never be seen), directories of the
 * host, locks. Kept is what the steps below use; all of that is closed by exec. */
static int close_foreign(struct child *c, struct mc_err *err)
{
	const struct init *in = c->in;
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

static int wait_for_parent(struct child *c, struct mc_err *err)
{
	return namespace_wait_go(c->in->sync, err);
}

static int own_ids(struct child *c, struct mc_err *err)
{
	int rc;
	if (!c->config->namespaces.ns[NS_USER].wanted)
		return 0;
	explain_step("userns.root", 11, "in a user namespace: root of this namespace, nobody outside");
	if ((rc = become_mapped_root(c->config, err)) < 0)
		return rc;
	/* Changing ids made us undumpable, and /proc/self belongs to a root that we no longer are. In a pid namespace with
	 * others inside it stays so: a neighbour, root of the same user namespace, would find the host in /proc/PID/root. */
	return config_has_new(c->config, NS_PID) ? sys_prctl(PR_SET_DUMPABLE, 1, 0, 0, 0, err) : 0;
}

static int own_names(struct child *c, struct mc_err *err)
{
	int rc = 0;
	/* Not by clone3: this namespace shows as "/" the cgroup that its maker is in, and only now we are in ours. */
	if (config_has_new(c->config, NS_CGROUP) && (rc = sys_unshare(CLONE_NEWCGROUP, err)) < 0)
		return rc;
	if ((rc = sys_setsid(err)) <
		0) /* signals of the caller's terminal are not for us; a terminal needs a session */
		return rc;
	/* A new network namespace has one link, the loopback, and it is down: not even 127.0.0.1 answers. */
	if (config_has_new(c->config, NS_NET) && (rc = sys_link_up("lo", err)) < 0)
		return rc;
	if (c->config->hostname && (rc = namespace_set_hostname(c->config->hostname, err)) < 0)
		return rc;
	return c->config->domainname ? sys_setdomainname(c->config->domainname, err) : 0;
}

static int private_tree(struct child *c, struct mc_err *err) { return rootfs_make_private(err); }

static int attach_root(struct child *c, struct mc_err *err)
{
	if (c->in->root < 0)
		return rootfs_bind_self(c->config->root_path, &c->root, err);
	c->root = c->in->root;
	return rootfs_attach(c->root, err);
}

/* Its "/" becomes ours; what is mounted there, how, and what is masked was decided by whoever made it. */
static int join_tree(struct child *c, struct mc_err *err)
{
	int rc = sys_setns(c->in->tree, CLONE_NEWNS, err);
	close_fd(c->in->tree);
	return rc < 0 ? rc : (c->root = sys_open(AT_FDCWD, "/", O_PATH | O_DIRECTORY, 0, err));
}

static int mount_all(struct child *c, struct mc_err *err)
{
	int rc = mounts_make(c->config, c->root, c->in->sources, err);
	if (rc < 0 || !c->config->has_process)
		return rc;
	_cleanup_close_ int cwd =
		rootfs_target(c->root, c->config->process.cwd, false, err); /* made when missing */
	return cwd < 0 ? cwd : 0;
}

static int make_devices(struct child *c, struct mc_err *err)
{
	int rc = dev_nodes(c->config, c->root, err);
	if (rc < 0 || (rc = tail_in_init_before_pivot(c->config, c->root, err)) < 0)
		return rc;
	return dev_links(c->config, c->root, err);
}

static int open_terminal(struct child *c, struct mc_err *err)
{
	if (c->in->console < 0)
		return 0;
	explain_step("terminal.open", 1, "before /dev is covered and the root is locked");
	return terminal_open(&c->config->process, c->root, c->in->console, c->in->tree < 0, err);
}

static int inner_hooks(struct child *c, struct mc_err *err)
{
	return tail_hooks(c->config, HOOK_CREATE_CONTAINER, c->in->state, err);
}

static int cover_paths(struct child *c, struct mc_err *err)
{
	int rc = lock_paths(c->config, c->root, err);
	return rc < 0 ? rc : mask_paths(c->config, c->root, err);
}

static int switch_root(struct child *c, struct mc_err *err)
{
	int rc;
	if (!c->in->no_pivot)
		rc = rootfs_pivot(c->root, err);
	else if ((rc = sys_fchdir(c->root, err)) >=
		 0) /* an initramfs cannot be pivoted away (pivot_root(2), BUGS) */
		rc = rootfs_chroot(".", err);
	c->root = close_fd(c->root);
	return rc;
}

static int lock_root(struct child *c, struct mc_err *err)
{
	int rc = tail_after_pivot(c->config, err);
	return rc < 0 || !c->config->root_readonly ? rc : rootfs_set_readonly(err);
}

static int drop_rights(struct child *c, struct mc_err *err)
{
	const struct config_process *p = &c->config->process;
	if (!c->config->has_process)
		return 0;
	int rc = become(c->config, p, &c->in->filter, err);
	/* Found with the user's eyes, before "created": a missing program is an error of create, not of start. */
	return rc < 0 ? rc : process_find(p->args[0], p->env, &c->file, err);
}

static int report_created(struct child *c, struct mc_err *err)
{
	const struct mc_err none = { 0 };
	prctl(PR_SET_NAME, "minictr:init", 0, 0, 0);
	if (write(c->in->sync, &none, sizeof(none)) < 0)
		return err_sys(err, "telling the parent");
	close_fd(c->in->sync);
	return 0;
}

/* A starter that dies before it said go has started nothing: the next one may. */
static int wait_for_start(struct child *c, struct mc_err *err)
{
	struct mc_err gone = { 0 };
	for (;;) {
		int fd = accept4(c->in->start, NULL, NULL, SOCK_CLOEXEC);
		if (fd < 0 && errno != EINTR && errno != ECONNABORTED)
			return err_sys(err, "accept");
		if (fd >= 0 && namespace_wait_go(fd, &gone) == 0) {
			c->starter = fd;
			close_fd(c->in->start);
			return tail_hooks(c->config, HOOK_START_CONTAINER, c->in->state, err);
		}
		close_fd(fd);
	}
}

/* Process 1 stays, and its command line and environment are the host's: paths and perhaps secrets, for all inside to
 * read in /proc/1. Both are our own memory. */
static void forget_host(void)
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

/* --init: process 1 stays behind to reap (init_reap.c), its child goes on to the program. */
static int split(struct child *c, struct mc_err *err)
{
	struct mc_err ignored = { 0 };
	pid_t pid = fork();
	if (pid < 0)
		return err_sys(err, "fork");
	if (pid == 0)
		return 0;
	close_fd(
		c->starter); /* whoever started us waits until the last copy is closed by the exec of our child */
	sys_close_range(3, ~0U, 0, &ignored);
	forget_host();
	_exit(init_reap(pid, &ignored));
}

static int run_program(struct child *c, struct mc_err *err)
{
	const struct config_process *p = &c->config->process;
	int rc;
	if (!c->config->has_process)
		return err_set(err, EINVAL,
			"config.json has no process: this container can be created, but not started");
	if (c->in->reap && (rc = split(c, err)) < 0)
		return rc;
	reset_signals();
	if ((rc = close_at_exec(c->in->preserve, err)) < 0 || (rc = become_last(p, &c->in->filter, err)) < 0)
		return rc;
	rc = sys_execve(c->file, p->args, tail_env(p), err);
	return process_refused(err, c->file, rc);
}
