/*
 * oci/create.c - the verbs create, start, run: command lines to create_container() and start_container().
 */
#include "runtime/oci/cmd.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/sys.h"
#include "runtime/config.h"
#include "runtime/create.h"
#include "runtime/delete.h"
#include "runtime/kill.h"
#include "runtime/oci/notify.h"
#include "runtime/process.h"
#include "runtime/seal.h"
#include "runtime/start.h"
#include "runtime/terminal.h"

enum {
	BUNDLE = 'b',
	DETACH = 'd',
	PID_FILE = 256,
	CONSOLE,
	PRESERVE,
	NO_PIVOT,
	NO_KEYRING,
	ROOTFS_FD,
	PIDFD_SOCKET,
	KEEP,
	IGNORED
};

static const struct option options[] = {
	{ "bundle", required_argument, NULL, BUNDLE },
	{ "pid-file", required_argument, NULL, PID_FILE },
	{ "console-socket", required_argument, NULL, CONSOLE },
	{ "preserve-fds", required_argument, NULL, PRESERVE },
	{ "no-pivot", no_argument, NULL, NO_PIVOT },
	{ "no-new-keyring", no_argument, NULL, NO_KEYRING },
	{ "pidfd-socket", required_argument, NULL, PIDFD_SOCKET },
	{ "rootfs-fd", required_argument, NULL, ROOTFS_FD },
	{ "detach", no_argument, NULL, DETACH },
	{ "keep", no_argument, NULL, KEEP },
	{ "no-subreaper", no_argument, NULL, IGNORED },
	{ 0 },
};

struct run {
	struct create create;
	bool detach; /* run only */
	bool keep;   /* run only: do not delete at the end */
};

static int parse(struct run *r, const struct oci_global *g, int argc, char **argv, struct mc_err *err)
{
	int rc = 0;
	struct create *o = &r->create;
	*o = (struct create){ .root = g->root,
		.systemd_cgroup = g->systemd_cgroup,
		.no_cgroup = g->no_cgroup,
		.bundle = ".",
		.notify = getenv("NOTIFY_SOCKET"),
		.rootfs_fd = -1 };
	for (int c; rc >= 0 && (c = getopt_long(argc, argv, "+b:d", options, NULL)) != -1;) {
		switch (c) {
		case BUNDLE: o->bundle = optarg; break;
		case DETACH: r->detach = true; break;
		case PID_FILE: o->pid_file = optarg; break;
		case CONSOLE: o->console_socket = optarg; break;
		case PRESERVE: rc = oci_number(optarg, "--preserve-fds", &o->preserve, err); break;
		case NO_PIVOT: o->no_pivot = true; break;
		case NO_KEYRING: setenv("MINICTR_NO_KEYRING", "1", 1); break;
		case ROOTFS_FD: rc = oci_number(optarg, "--rootfs-fd", &o->rootfs_fd, err); break;
		case PIDFD_SOCKET: o->pidfd_socket = optarg; break;
		case KEEP: r->keep = true; break;
		case IGNORED: break;
		default: return oci_bad_option(argv, err);
		}
	}
	o->id = rc < 0 ? NULL : oci_only_id(argc, argv, err);
	return o->id ? 0 : -err->code;
}

int oci_cmd_create(const struct oci_global *g, int argc, char **argv, struct mc_err *err)
{
	struct run r = { 0 };
	int rc = parse(&r, g, argc, argv, err);
	if (rc < 0 || (rc = seal_self(g->argv, err)) < 0)
		return rc;
	return create_container(&r.create, err);
}

int oci_cmd_start(const struct oci_global *g, int argc, char **argv, struct mc_err *err)
{
	static const struct option none[] = { { 0 } };
	if (getopt_long(argc, argv, "+", none, NULL) != -1)
		return oci_bad_option(argv, err);
	struct notify n;
	const char *id = oci_only_id(argc, argv, err);
	int rc = id ? notify_open(g->root, id, &n, err) : -err->code;
	if (rc < 0 || (rc = start_container(g->root, id, err)) < 0)
		return rc;
	return notify_forward(&n, err);
}

static int wait_for_end(const struct run *r, struct mc_err *err)
{
	int status = 0, master = -1, rc, terminal = r->create.terminal;
	char name[64];
	forward_signals(r->create.pid);
	if (terminal >= 0 && sys_recv_fd(terminal, name, sizeof(name), &master, err) >= 0 && master >= 0)
		terminal_relay(master, err);
	close_fd(master);
	rc = sys_wait(r->create.pid, &status, err);
	return rc < 0 ? rc : process_exit_code(status);
}

int oci_cmd_run(const struct oci_global *g, int argc, char **argv, struct mc_err *err)
{
	struct run r = { 0 };
	struct notify n = { .in = -1, .process = -1 };
	struct mc_err ignored = { 0 };
	int rc = parse(&r, g, argc, argv, err);
	if (rc < 0 || (rc = seal_self(g->argv, err)) < 0)
		return rc;
	r.create.hold_terminal = !r.detach;
	if ((rc = create_container(&r.create, err)) < 0) {
		close_fd(r.create.terminal);
		return rc;
	}
	if ((rc = notify_open(g->root, r.create.id, &n, err)) >= 0)
		rc = start_container(g->root, r.create.id, err);
	if (rc >= 0 && r.detach)
		return notify_forward(&n, err);
	if (rc >= 0 && (rc = notify_beside(&n, err)) >= 0)
		rc = wait_for_end(&r, err);
	close_fd(r.create.terminal);
	if (!r.keep)
		delete_container(g->root, r.create.id, true, &ignored);
	return rc;
}
