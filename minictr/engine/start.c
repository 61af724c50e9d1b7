/*
 * start.c - the run path: from a record on disk to a process in a container.
 *
 * Purpose: the table of contents of a start. The table below names every step in its order, with its
 * reason; what a step does stands in the function of that name, or a floor below.
 * Kernel objects and man pages: flock(2), fsopen(2) for the overlay, fork(2) for the monitor, unix(7),
 * pidfd_open(2). Before the first step we take the container's lock (one start at a time) and check whether
 * it may start at all. We give the lock back before we wait for the program.
 * When a step fails, the steps before it are undone, last one first; the record then keeps the reason.
 */
#include "engine/start.h"
#include "engine/start_watch.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "base/explain.h"
#include "base/file.h"
#include "base/program.h"
#include "base/road.h"
#include "base/sys.h"
#include "engine/container_root.h"
#include "engine/attach.h"
#include "engine/cleanup.h"
#include "engine/endpoints.h"
#include "engine/events.h"
#include "engine/host_mount.h"
#include "engine/monitor/monitor.h"
#include "engine/monitor_plan.h"
#include "engine/network.h"
#include "engine/oci.h"
#include "engine/spec/spec.h"
#include "engine/spec/user_ids.h"
#include "engine/volumes.h"
#include "runtime/process.h"

/* What a start holds while it goes on. */
struct start {
	struct engine *engine;
	struct container c;
	const struct start_options *options;
	struct oci oci;
	struct id_maps ids;    /* of its own user namespace; empty without one */
	struct spec_held held; /* sources that config.json names by descriptor; open until they are mounted */
	char *network;         /* program that connects an unprivileged user's container; NULL: none */
	struct mc_err no_network; /* why that program failed; no code when it did not */
	struct endpoints net;     /* root's networks of the container */
	int lock;                 /* flock of the container */
	int rootfs;               /* detached overlay */
	int report;               /* our end of the report socket */
	int attach;               /* our end of the attach socket */
};

static int mount_rootfs(void *trip, struct mc_err *err);
static void close_rootfs(void *trip);
static int choose_network(void *trip, struct mc_err *err);
static bool has_own_network(const void *trip);
static bool has_volumes(const void *trip);
static int fill_volumes(void *trip, struct mc_err *err);
static int plan_networks(void *trip, struct mc_err *err);
static bool has_networks(const void *trip);
static void undo_networks(void *trip);
static int plug_networks(void *trip, struct mc_err *err);
static int write_plan(void *trip, struct mc_err *err);
static int start_monitor(void *trip, struct mc_err *err);
static void drop_monitor(void *trip);
static int start_check_shared(void *trip, struct mc_err *err);
static bool shares_namespace(const void *trip);
static int start_check_network(void *trip, struct mc_err *err);
static int record_start(void *trip, struct mc_err *err);
static int attach_client(void *trip, struct mc_err *err);
static bool is_attached(const void *trip);
static int release_program(void *trip, struct mc_err *err);

static const struct road_step steps[] = {
	/* First: later steps look up users and directories in it. */
	{ mount_rootfs, close_rootfs, NULL, "start.rootfs", 4,
		"the image's layers and a writable one on top become one tree" },
	/* An unprivileged user's network. Before the plan: config.json names its DNS server. */
	{ choose_network, NULL, has_own_network, "start.network", 7,
		"an unprivileged user cannot make links: a program speaks for the container" },
	/* Before the plan: config.json names their paths. The image's files are read from the tree above. */
	{ fill_volumes, NULL, has_volumes, "start.volumes", 8,
		"a new volume begins with what the image has there" },
	/* Before the plan: /etc/hosts names the address, and a port that is taken should fail now. */
	{ plan_networks, undo_networks, has_networks, "start.addresses", 7,
		"addresses are taken and host ports reserved before anything runs" },
	/* Before the monitor, which reads it, and before anything that a crash could leave behind. */
	{ write_plan, NULL, NULL, "start.plan", 1,
		"everything the runtime is told stands in one file, config.json" },
	/* Runs `create`. If we die from here on, the monitor reads end of file and undoes everything. */
	{ start_monitor, drop_monitor, NULL, "start.monitor", 2,
		"a small process stays beside the container, whatever else ends; it runs `create`" },
	/* After `create` has joined them: earlier, the other container could still end before the joining. */
	{ start_check_shared, NULL, shares_namespace, "start.shared", 2,
		"a container that ended meanwhile has no namespaces to share" },
	/* After the monitor has tried to start that program. */
	{ start_check_network, NULL, has_own_network, "start.joined", 7,
		"a network requested by name is required; for the default one a warning is enough" },
	/* After `create`: the runtime has made the network namespace, and the program still waits. */
	{ plug_networks, NULL, has_networks, "start.plug", 7,
		"cables, addresses and rules, before the first byte can be sent" },
	/* Before the program runs: a crash of ours leaves no running program without a record. */
	{ record_start, NULL, NULL, "start.record", 2, "the process id is on disk before the program runs" },
	{ attach_client, NULL, is_attached, "start.attach", 2,
		"output is connected before the program runs, so none of it is missed" },
	{ release_program, NULL, NULL, "start.release", 2, "the monitor is told to start the program" },
};

/* --- rootfs --- */

static int mount_rootfs(void *trip, struct mc_err *err)
{
	struct start *s = trip;
	int rc = s->rootfs = container_mount(s->engine, &s->c, err);
	return rc < 0 ? err_wrap(err, "root file system") : 0;
}

static void close_rootfs(void *trip)
{
	struct start *s = trip;
	s->rootfs = close_fd(s->rootfs);
}

/* --- network, chosen --- */

static bool has_own_network(const void *trip) { return ((const struct start *)trip)->engine->rootless; }

static int choose_network(void *trip, struct mc_err *err)
{
	struct start *s = trip;
	return container_network(s->engine, &s->c, &s->network, err);
}

/* --- root's networks --- */

static bool has_networks(const void *trip)
{
	const struct start *s = trip;
	return endpoints_wanted(s->engine, &s->c);
}

static int plan_networks(void *trip, struct mc_err *err)
{
	struct start *s = trip;
	return endpoints_plan(s->engine, &s->c, &s->net, err);
}

static int plug_networks(void *trip, struct mc_err *err)
{
	struct start *s = trip;
	return endpoints_plug(s->engine, &s->c, &s->net, err);
}

static void undo_networks(void *trip)
{
	struct start *s = trip;
	endpoints_undo(s->engine, &s->c, &s->net);
}

/* --- plan --- */

static int write_plan(void *trip, struct mc_err *err)
{
	struct start *s = trip;
	struct spec_input in = { .engine = s->engine,
		.net = s->net.count ? &s->net : NULL,
		.container = &s->c,
		.rootfs = s->rootfs,
		.ids = &s->ids,
		.held = &s->held,
		.network = s->network };
	struct winsize size;
	_cleanup_json_ struct json *spec = NULL;
	_cleanup_free_ char *path = container_path(s->engine, s->c.id, "config.json");
	if (s->options->attach && ioctl(0, TIOCGWINSZ, &size) == 0) {
		in.rows = size.ws_row;
		in.cols = size.ws_col;
	}
	int rc = user_ids_load(s->c.host, &s->ids, err);
	if (rc >= 0)
		rc = spec_write_files(&in, err);
	if (rc >= 0)
		rc = spec_make(&in, &spec, err);
	return rc < 0 ? rc : json_write_limited(AT_FDCWD, path, spec, CONTAINER_CONFIG_MAX, 0600, 0, err);
}

/* --- volumes --- */

static bool has_volumes(const void *trip)
{
	return json_len(json_member(((const struct start *)trip)->c.doc, "Mounts")) > 0;
}

static int fill_volumes(void *trip, struct mc_err *err)
{
	struct start *s = trip;
	return volumes_prepare(s->engine, &s->c, s->rootfs, err);
}

/* --- monitor --- */

/* Reads the monitor's next message. If the monitor dies, we read end of file, which is an error here. */
static int start_hear(struct start *s, pid_t *ret_pid, struct mc_err *err)
{
	struct monitor_report r;
	ssize_t n;
	do
		n = recv(s->report, &r, sizeof(r), 0);
	while (n < 0 && errno == EINTR);
	if (n != sizeof(r)) {
		err_set(err, EPIPE, "the monitor of container %s died during the start", s->c.name);
		return err_hint(err, "nothing is left behind; try again");
	}
	if (r.err.code) {
		*err = r.err;
		return -r.err.code;
	}
	if (r.network.code)
		s->no_network = r.network;
	*ret_pid = r.pid;
	return 0;
}

static int start_monitor(void *trip, struct mc_err *err)
{
	struct start *s = trip;
	_cleanup_free_ char *monitor = NULL, *minictr = NULL;
	_cleanup_free_ char *exit_file = container_path(s->engine, s->c.id, "exit");
	int pair[2];
	int rc = program_path("minictr-monitor", &monitor, err);
	if (rc >= 0)
		rc = program_path("minictr", &minictr, err);
	if (rc >= 0)
		rc = sys_socketpair(SOCK_SEQPACKET, pair, err);
	if (rc < 0)
		return rc;
	_cleanup_strv_ char **argv =
		monitor_words(s->engine, &s->c, &s->oci, s->network, &s->net, monitor, minictr);
	rc = dir_make(AT_FDCWD, s->engine->oci_root, 0700, err);
	if (rc < 0)
		return rc;
	/* Left by an earlier start. */
	unlink(exit_file);
	oci_forget_warnings(s->engine, s->c.id);
	s->report = pair[0];
	pid_t pid = monitor_spawn(argv, pair[1], s->rootfs, &s->net, err);
	close(pair[1]);
	if (pid < 0)
		return pid;
	s->rootfs = close_fd(s->rootfs);
	rc = start_hear(s, &s->c.init.pid, err);
	oci_tell_warnings(s->engine, s->c.id, OCI_LOG);
	/* Only the first of the monitor's two processes: the second one has a session of its own. */
	waitpid(pid, NULL, 0);
	return rc;
}

/* End of file on its socket tells the monitor to undo what it made; what it leaves, we clear. */
static void drop_monitor(void *trip)
{
	struct start *s = trip;
	s->report = close_fd(s->report);
	container_clear(s->engine, &s->c);
}

static bool shares_namespace(const void *trip) { return spec_shares(&((const struct start *)trip)->c); }

static int start_check_shared(void *trip, struct mc_err *err)
{
	struct start *s = trip;
	return spec_check_shared(s->engine, &s->c, err);
}

/* --- network, joined --- */

/* A network requested by name is required; for the default one a warning is enough. */
static int start_check_network(void *trip, struct mc_err *err)
{
	struct start *s = trip;
	if (!s->no_network.code || !container_network_is_wanted(&s->c)) {
		container_network_warn(&s->no_network);
		return 0;
	}
	*err = s->no_network;
	return -err->code;
}

/* --- record --- */

/* The monitor is the parent of the container's first process (prctl(2), PR_SET_CHILD_SUBREAPER). */
static void find_monitor(struct start *s)
{
	char path[40];
	struct mc_err ignored = { 0 };
	_cleanup_buf_ struct buf b = { 0 };
	snprintf(path, sizeof(path), "/proc/%d/stat", (int)s->c.init.pid);
	if (file_read(AT_FDCWD, path, 4096, &b, &ignored) >= 0 && b.data && strrchr(b.data, ')'))
		sscanf(strrchr(b.data, ')'), ") %*c %d", &s->c.monitor.pid);
	process_id_fill(&s->c.monitor);
}

static int record_start(void *trip, struct mc_err *err)
{
	struct start *s = trip;
	struct container *c = &s->c;
	process_id_fill(&c->init);
	find_monitor(s);
	c->status = CONTAINER_RUNNING;
	c->exit_code = 0;
	c->oom_killed = c->stopped_by_user = false;
	c->kill_at = 0;
	c->started = (int64_t)now_ns(CLOCK_REALTIME);
	c->restart_count = s->options->restart ? c->restart_count + 1 : 0;
	c->backoff = s->options->restart ? c->backoff : 0;
	snprintf(c->boot_id, sizeof(c->boot_id), "%s", container_boot_id());
	free(take_ptr(&c->error));
	free(take_ptr(&c->health));
	if (json_at(c->config, "Healthcheck.Test[0]") &&
		!str_eq(json_text_of(json_at(c->config, "Healthcheck.Test[0]")), "NONE"))
		c->health = xstrdup("starting");
	int rc = s->net.count ? endpoints_record(s->engine, c, &s->net, err) : 0;
	if (rc >= 0)
		rc = container_save_state(s->engine, c, err);
	return rc < 0 ? rc : endpoints_confirm(s->engine, &s->net, err);
}

/* --- attach and release --- */

static bool is_attached(const void *trip) { return start_connects(((const struct start *)trip)->options); }

static int attach_client(void *trip, struct mc_err *err)
{
	struct start *s = trip;
	return start_connect(s->engine, &s->c, s->options, &s->attach, err);
}

static int release_program(void *trip, struct mc_err *err)
{
	struct start *s = trip;
	pid_t pid;
	if (send(s->report, "S", 1, MSG_NOSIGNAL) != 1)
		return err_sys(err, "tell the monitor to start");
	int rc = start_hear(s, &pid, err);
	oci_tell_warnings(s->engine, s->c.id, OCI_LOG);
	return rc;
}

/* --- before and after the road --- */

static int start_check(struct start *s, struct mc_err *err)
{
	if (s->c.status == CONTAINER_PAUSED) {
		err_set(err, EBUSY, "cannot start a paused container, try unpause instead");
		return -EBUSY;
	}
	if (s->c.status == CONTAINER_RUNNING)
		return 1;
	if (s->options->restart && s->c.status != CONTAINER_RESTARTING)
		return 1; /* stopped, or started by hand, while the monitor slept */
	int rc = container_repair(s->engine, &s->c, err);
	if (rc >= 0 && host_mount_is_there(s->engine, s->c.id)) {
		/* Two overlays over one upper directory: undefined (kernel: overlayfs.rst). */
		err_set(err, EBUSY, "the files of container %s are mounted on the host", s->c.name);
		return err_hint(err, "minictr unmount %s, then start it", s->c.name);
	}
	return rc < 0 ? rc : oci_find(s->engine, &s->c, &s->oci, err);
}

/* After a failed start the record says "created" again, and keeps the reason. */
static void give_up(struct start *s, const struct mc_err *why)
{
	struct mc_err ignored = { 0 };
	struct container *c = &s->c;
	c->init = c->monitor = (struct process_id){ 0 };
	c->exit_code = why->exit_status ? why->exit_status : 125;
	free(take_ptr(&c->error));
	c->error = xstrdup(why->what);
	c->status = CONTAINER_CREATED;
	container_save_state(s->engine, c, &ignored);
}

static int start_locked(struct start *s, const char *id, struct mc_err *err)
{
	explain_step("start.lock", 2, "one start at a time: two would fight for the same files");
	s->lock = container_lock(s->engine, id, err);
	int rc = s->lock < 0 ? s->lock : container_load(s->engine, id, &s->c, err);
	if (rc >= 0)
		rc = start_check(s, err);
	/* Below 0: it failed. Above: it runs already. */
	if (rc != 0)
		return rc;
	rc = road_walk(steps, ARRAY_LEN(steps), s, err);
	if (rc < 0) {
		give_up(s, err);
		return rc;
	}
	endpoints_events(s->engine, &s->c, "connect");
	volumes_events(s->engine, &s->c, true);
	event_container(s->engine, &s->c, "start", NULL);
	return 0;
}

int container_start(
	struct engine *e, const char *name, const struct start_options *o, int *ret_exit, struct mc_err *err)
{
	struct start s = { .engine = e, .options = o, .lock = -1, .rootfs = -1, .report = -1, .attach = -1 };
	_cleanup_container_ struct container found = { 0 };
	*ret_exit = 0;
	int rc = container_find(e, name, &found, err);
	if (rc >= 0)
		rc = start_locked(&s, found.id, err);
	/* Never wait with the lock held. */
	s.lock = close_fd(s.lock);
	s.rootfs = close_fd(s.rootfs);
	s.report = close_fd(s.report);
	if (rc == 0 && o->attach)
		rc = start_watch(e, &s.c, o, &s.attach, ret_exit, err);
	else if (rc > 0 && o->attach) { /* it runs already */
		struct attach_options a = {
			.no_stdin = !o->interactive, .sig_proxy = o->sig_proxy, .detach_keys = o->detach_keys
		};
		rc = container_attach(e, found.id, &a, ret_exit, err);
	}
	close_fd(s.attach);
	oci_release(&s.oci);
	spec_held_release(&s.held);
	id_maps_release(&s.ids);
	free(s.network);
	endpoints_release(&s.net);
	container_release(&s.c);
	return rc < 0 ? rc : 0;
}
