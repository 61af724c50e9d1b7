/*
 * cleanup.c - what happens right after a container's end: its kernel objects go, the record is repaired,
 * --rm takes it away, the restart policy says whether and when it comes back.
 *
 * Kernel objects and man pages: flock(2), renameat(2), cgroups(7), network_namespaces(7), proc(5).
 * Order and why: all of it may run twice, at the same time, or after half of it was done by a process that
 * was killed: the monitor's `internal cleanup`, the `run --rm` that waited, `stop`. The lock makes it one
 * at a time; the record's `stale` says whether there is anything to do. Kernel objects first, the record
 * last: a crash between the two leaves the record stale, and the next command does all of it again. A
 * container that goes is renamed first, in one step: from then on no command finds it, however long the
 * removal of its files takes and wherever it is interrupted (restore.c sweeps). The name is freed after.
 */
#include "engine/cleanup.h"

#include <fcntl.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>
#include "base/file.h"
#include "base/sys.h"
#include "engine/endpoints.h"
#include "engine/events.h"
#include "engine/host_mount.h"
#include "engine/names.h"
#include "engine/oci.h"
#include "engine/volumes.h"
#include "network/usernet.h"
#include "runtime/cgroup.h"

enum { BACKOFF_MAX = 9 };                           /* 100 ms times 2^9 is 51 s; docker stops at a minute */
static const int64_t lasted_ns = 10ll * 1000000000; /* a run longer than this starts the back-off anew */

/* --- repairing the record --- */

void container_clear(struct engine *e, const struct container *c)
{
	_cleanup_free_ char *run = engine_run_path(e, c->id);
	/* The monitor has done it, unless it was killed. */
	usernet_detach(run);
	oci_delete(e, c);
	volumes_release(e, c);
	endpoints_clear(e, c);
}

/*
 * The SIGKILL that ends the patience of `stop`, and "stop" itself, are written here: when `stop` learns that
 * the process is gone, a faster monitor may have written "die" already, and "destroy" of a --rm container.
 */
int container_repair(struct engine *e, struct container *c, struct mc_err *err)
{
	char code[32];
	if (!c->stale)
		return 0;
	container_clear(e, c);
	c->stale = false;
	int64_t kill_at = c->kill_at;
	c->kill_at = 0;
	_cleanup_json_ struct json *net = take_ptr(&c->net);
	int rc = container_save_state(e, c, err);
	if (rc < 0)
		return rc;
	snprintf(code, sizeof(code), "exitCode=%d", c->exit_code);
	if (c->oom_killed)
		event_container(e, c, "oom", NULL);
	if (kill_at && c->exit_code == 128 + SIGKILL && !c->oom_killed &&
		(int64_t)now_ns(CLOCK_BOOTTIME) >= kill_at)
		event_kill(e, c, SIGKILL);
	event_container(e, c, "die", code);
	c->net = net; /* which it had */
	endpoints_events(e, c, "disconnect");
	volumes_events(e, c, false);
	c->net = NULL;
	if (kill_at)
		event_container(e, c, "stop", NULL);
	return 0;
}

/* --- taking it away --- */

/* Removes what killed creates have left. False: there are other containers, and nothing is removed. */
static bool sweep_half_made(struct engine *e)
{
	struct mc_err ignored = { 0 };
	_cleanup_strv_ char **left = NULL, **after = NULL;
	if (dir_list(e->dir, "containers", &left, &ignored) < 0)
		return false;
	for (size_t i = 0; left[i]; i++) {
		_cleanup_free_ char *record = xasprintf("containers/%s/container.json", left[i]);
		if (path_exists(e->dir, record))
			return false;
	}
	if (!*left)
		return true;
	sweep_removed(e, false);
	return dir_list(e->dir, "containers", &after, &ignored) >= 0 && !*after;
}

/*
 * Removes the engine's own cgroup and run directories with the last container, so that an engine without
 * containers leaves no trace. rmdir(2) takes empty ones only; a container that is being made right now has
 * its directory already and stops us.
 */
static void sweep_if_last(struct engine *e, bool networks_later)
{
	struct mc_err ignored = { 0 };
	struct cgroup cg = { 0 };
	_cleanup_free_ char *c = xasprintf("%s/c", e->run_dir);
	net_sweep(e, networks_later);
	if (!sweep_half_made(e))
		return;
	rmdir(c);
	dir_remove(AT_FDCWD, e->oci_root, &ignored); /* the filters the runtime has compiled are in it, too */
	rmdir(e->run_dir);
	_cleanup_free_ char *path = xasprintf("/minictr-%.8s", e->key);
	if (cgroup_trees(&cg, path, &ignored) < 0)
		return;
	for (size_t i = 0; i < cg.n; i++) {
		_cleanup_free_ char *dir = xasprintf("%s%s", cg.tree[i].mount, path);
		rmdir(dir);
	}
}

int remove_locked(struct engine *e, const struct container *c, struct mc_err *err)
{
	struct mc_err ignored = { 0 };
	_cleanup_free_ char *dir = xasprintf("containers/%s", c->id);
	_cleanup_free_ char *gone = xasprintf("containers/%s.removed", c->id);
	_cleanup_free_ char *run = engine_run_path(e, c->id);
	container_clear(e, c);
	endpoints_forget(e, c);
	host_mount_drop(e, c->id);
	int rc = sys_rename(e->dir, dir, e->dir, gone, err);
	if (rc < 0 && rc != -ENOENT)
		return rc;
	name_free(e, c->name, c->id);
	rc = dir_remove(e->dir, gone, err);
	if (rc < 0) {
		err_wrap(err, "files of container %.12s", c->id);
		err_hint(
			err, "the container itself is gone; `minictr container prune` tries its files again");
	}
	dir_remove(AT_FDCWD, run, &ignored);
	sweep_if_last(e, container_flag(c->host, "AutoRemove"));
	event_container(e, c, "destroy", NULL);
	return rc;
}

int remove_with_volumes(struct engine *e, const struct container *c, struct mc_err *err)
{
	int rc = remove_locked(e, c, err);
	if (rc >= 0)
		volumes_remove_of(e, c);
	return rc;
}

void sweep_removed(struct engine *e, bool all)
{
	struct mc_err ignored = { 0 };
	_cleanup_strv_ char **names = NULL;
	if (dir_list(e->dir, "containers", &names, &ignored) < 0)
		return;
	for (size_t i = 0; names[i]; i++) {
		_cleanup_free_ char *dir = xasprintf("containers/%s", names[i]);
		if (str_ends(names[i], ".removed") || (all && str_ends(names[i], ".new")) ||
			container_is_left_over(e, names[i]))
			dir_remove(e->dir, dir, &ignored);
	}
}

/* --- restart policy --- */

/*
 * Marks it "restarting", and tells the caller's parent, the monitor, how long to sleep before
 * the next start: the file "pause" (monitor/monitor.h).
 */
static int plan_restart(struct engine *e, struct container *c, struct mc_err *err)
{
	if (c->finished - c->started > lasted_ns)
		c->backoff = 0;
	unsigned step = c->backoff > BACKOFF_MAX ? BACKOFF_MAX : c->backoff;
	c->status = CONTAINER_RESTARTING;
	c->backoff++;
	c->monitor.pid = getppid();
	process_id_fill(&c->monitor);
	_cleanup_free_ char *path = container_path(e, c->id, "pause"), *ms = xasprintf("%d\n", 100 << step);
	int rc = container_save_state(e, c, err);
	return rc < 0 ? rc : file_write_atomic(AT_FDCWD, path, ms, strlen(ms), 0600, 0, err);
}

int container_cleanup(struct engine *e, const char *id, struct mc_err *err)
{
	_cleanup_container_ struct container c = { 0 };
	bool auto_remove = false;
	_cleanup_close_ int lock = container_lock(e, id, err);
	int rc = lock < 0 ? lock : container_load(e, id, &c, err);
	if (rc < 0)
		return rc;
	bool is_monitors = c.monitor.pid == getppid();
	rc = container_repair(e, &c, err);
	if (rc < 0 || (c.status != CONTAINER_EXITED && c.status != CONTAINER_RESTARTING))
		return rc;
	json_get_bool(c.host, &auto_remove, err, "AutoRemove");
	if (auto_remove)
		return remove_with_volumes(e, &c, err);
	return is_monitors && container_returns(&c) ? plan_restart(e, &c, err) : 0;
}
