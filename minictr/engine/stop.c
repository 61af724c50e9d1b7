/*
 * stop.c - ending, holding and awaiting a container.
 *
 * Kernel objects and man pages: pidfd_open(2) and pidfd_send_signal(2): a signal that cannot hit a later
 * process of the same number; poll(2) on a pidfd: waiting without asking again and again;
 * cgroup freezer (cgroups(7)).
 * Order and why: "stopped by the user" is on disk before the signal goes out, else the restart policy would
 * bring back what was just stopped. No lock is held during a wait.
 */
#include "engine/stop.h"

#include <limits.h>
#include <stdint.h>
#include <poll.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>
#include "base/signals.h"
#include "base/sys.h"
#include "base/warn.h"
#include "engine/cleanup.h"
#include "engine/events.h"
#include "runtime/cgroup.h"
#include "runtime/process.h"

/* A descriptor of the container's first process. The record's start time is compared after opening: before,
 * the number might have been given away in between. */
static int open_init(const struct container *c, struct mc_err *err)
{
	_cleanup_close_ int pidfd = sys_pidfd_open(c->init.pid, err);
	if (pidfd >= 0 && !process_id_alive(&c->init))
		return err_set(err, ESRCH, "container %s has just ended", c->name);
	return take_fd(&pidfd);
}

static int not_running(const struct container *c, struct mc_err *err)
{
	return err_set(err, ESRCH, "container %s is not running", c->id);
}

/* --- waiting --- */

/* Until the process has ended; ms below 0: however long it takes. */
static void wait_end(const struct container *c, int ms)
{
	struct mc_err ignored = { 0 };
	_cleanup_close_ int pidfd = open_init(c, &ignored);
	struct pollfd p = { pidfd, POLLIN, 0 };
	while (pidfd >= 0 && poll(&p, 1, ms) < 0 && errno == EINTR)
		continue;
}

/* Removed, or running again (a restart)? *ret_code keeps the last exit code seen. */
static bool is_gone(struct engine *e, const char *id, int *ret_code)
{
	_cleanup_container_ struct container c = { 0 };
	struct mc_err ignored = { 0 };
	if (container_load(e, id, &c, &ignored) < 0)
		return true;
	if (!container_is_active(&c))
		*ret_code = c.exit_code;
	return false;
}

static int take_code(const struct json *event, const char *line, void *data)
{
	const char *code = json_text_of(json_at(event, "Actor.Attributes.exitCode"));
	if (code)
		*(int *)data = atoi(code);
	return 0;
}

void container_removed_code(struct engine *e, const char *id, int *ret_exit)
{
	struct mc_err ignored = { 0 };
	_cleanup_free_ char *which = xasprintf("container=%s", id);
	char *const filters[] = { which, (char *)"event=die", NULL };
	struct events_options o = { .since = 1, .stop_at_end = true, .filters = filters };
	events_read(e, &o, take_code, ret_exit, &ignored);
}

int container_wait(
	struct engine *e, const char *name, enum wait_condition condition, int *ret_exit, struct mc_err *err)
{
	_cleanup_container_ struct container c = { 0 };
	int rc = container_find(e, name, &c, err);
	if (rc < 0)
		return rc;
	*ret_exit = c.exit_code;
	while (condition == WAIT_NEXT_EXIT && !container_is_active(&c)) {
		usleep(100000);
		container_release(&c);
		rc = container_find(e, name, &c, err);
		if (rc < 0)
			return rc;
	}
	while (container_is_active(&c)) {
		char id[CONTAINER_ID_LEN + 1];
		memcpy(id, c.id, sizeof(id));
		bool pausing = c.status == CONTAINER_RESTARTING;
		if (pausing)
			usleep(100000);
		else
			wait_end(&c, -1);
		container_release(&c);
		struct mc_err gone = { 0 };
		if (container_load(e, id, &c, &gone) < 0) { /* --rm */
			container_removed_code(e, id, ret_exit);
			return 0;
		}
		*ret_exit = c.exit_code;
		/* It has ended, though it may come back. */
		if (!pausing && (condition == WAIT_NEXT_EXIT || c.status == CONTAINER_RESTARTING))
			break;
	}
	while (condition == WAIT_REMOVED && !is_gone(e, c.id, ret_exit))
		usleep(100000);
	return 0;
}

/* --- stop and kill --- */

/*
 * Writes down that a person wants it so, and when the patience of `stop` ends (0: it is not `stop`). A
 * container between two restarts is stopped by this alone.
 */
static int mark_stopped(struct engine *e, struct container *c, int64_t kill_at, struct mc_err *err)
{
	char id[CONTAINER_ID_LEN + 1];
	memcpy(id, c->id, sizeof(id));
	_cleanup_close_ int lock = container_lock(e, id, err);
	container_release(c);
	int rc = lock < 0 ? lock : container_load(e, id, c, err);
	if (rc < 0)
		return rc;
	if (c->status == CONTAINER_RESTARTING) {
		/* A monitor that has not cleaned up yet is needed for that, and sees the mark then. */
		if (!c->stale && process_id_alive(&c->monitor))
			kill(c->monitor.pid, SIGTERM);
		c->status = CONTAINER_EXITED;
	}
	c->stopped_by_user = true;
	if (kill_at && container_is_active(c))
		c->kill_at = kill_at;
	rc = c->stale ? container_repair(e, c, err) : container_save_state(e, c, err);
	if ((rc != -ENOSPC && rc != -EDQUOT) || !container_is_active(c))
		return rc;
	/* The program that fills the disk must be stoppable. */
	warn_user("%s: that it was stopped could not be noted, the disk is full: a restart policy may start "
		  "it again",
		c->name);
	*err = (struct mc_err){ 0 };
	return 0;
}

/* The kernel is asked whether it is frozen, not the record: another program may have frozen it. */
static void thaw(struct engine *e, const struct container *c)
{
	if (c->status == CONTAINER_PAUSED)
		event_container(e, c, "unpause", NULL);
	cgroup_thaw_process(c->init.pid);
}

/* After the process has gone: the next command shall see a stopped container, cleaned up. */
static void settle(struct engine *e, const char *id)
{
	struct mc_err ignored = { 0 };
	container_cleanup(e, id, &ignored);
}

static int stop_signal(const struct container *c, const char *given, struct mc_err *err)
{
	const char *own = json_text_of(json_member(c->config, "StopSignal"));
	return signal_parse(given ? given : own && *own ? own : "TERM", false, err);
}

static int stop_seconds(const struct container *c, int given)
{
	const struct json *own = json_member(c->config, "StopTimeout");
	int64_t seconds = given != STOP_DEFAULT           ? given
			  : json_kind_of(own) == JSON_INT ? json_int_of(own)
							  : 10;
	return seconds > INT_MAX / 1000 ? -1
					: (int)seconds; /* poll(2) counts ms in an int: more is for ever */
}

/* SIGKILL as the signal asked for has its event before it is sent: no other follows. */
static int64_t patience_ends(int sig, int seconds)
{
	if (sig == SIGKILL || seconds < 0)
		return INT64_MAX;
	return (int64_t)now_ns(CLOCK_BOOTTIME) + (int64_t)seconds * 1000000000;
}

/* c runs. Signal, patience, SIGKILL. */
static int end_process(struct engine *e, const struct container *c, int sig, int seconds, struct mc_err *err)
{
	struct mc_err gone = { 0 };
	_cleanup_close_ int pidfd = open_init(c, &gone);
	if (pidfd < 0)
		return 0;
	event_kill(e, c, sig);
	if (c->status == CONTAINER_PAUSED)
		sys_pidfd_send_signal(pidfd, sig, &gone);
	thaw(e, c); /* frozen processes take signals only now */
	int rc = process_stop(pidfd, sig, seconds, err);
	return rc < 0 ? rc : 0;
}

int container_stop(struct engine *e, const char *name, const char *signal, int seconds, struct mc_err *err)
{
	_cleanup_container_ struct container c = { 0 };
	int rc = container_find(e, name, &c, err);
	if (rc < 0)
		return rc;
	int sig = stop_signal(&c, signal, err);
	if (sig < 0)
		return sig;
	seconds = stop_seconds(&c, seconds);
	bool was_active = container_is_active(&c);
	if (was_active || c.stale)
		rc = mark_stopped(e, &c, patience_ends(sig, seconds), err);
	if (rc < 0 || !container_is_active(&c))
		return rc;
	rc = end_process(e, &c, sig, seconds, err);
	if (rc >= 0)
		settle(e, c.id);
	return rc;
}

int container_kill(struct engine *e, const char *name, const char *signal, struct mc_err *err)
{
	_cleanup_container_ struct container c = { 0 };
	int rc = container_find(e, name, &c, err);
	if (rc < 0)
		return rc;
	int sig = signal_parse(signal ? signal : "KILL", false, err);
	if (sig < 0)
		return sig;
	if (!container_is_active(&c)) {
		not_running(&c, err);
		return err_wrap(err, "cannot kill container: %s", name);
	}
	if (sig == SIGKILL || sig == SIGTERM || sig == stop_signal(&c, NULL, err))
		rc = mark_stopped(e, &c, 0, err);
	if (rc < 0 || !container_is_active(&c))
		return rc;
	_cleanup_close_ int pidfd = open_init(&c, err);
	if (pidfd < 0)
		return pidfd;
	event_kill(e, &c, sig);
	rc = sys_pidfd_send_signal(pidfd, sig, err);
	if (sig == SIGKILL) {
		thaw(e, &c);
		wait_end(&c, 10000);
		settle(e, c.id);
	}
	return rc < 0 ? rc : 0;
}

/* --- pause --- */

static int freeze(struct engine *e, const char *name, bool pause, struct mc_err *err)
{
	_cleanup_container_ struct container c = { 0 }, now = { 0 };
	struct cgroup cg = { 0 };
	int rc = container_find(e, name, &c, err);
	if (rc < 0)
		return rc;
	_cleanup_close_ int lock = container_lock(e, c.id, err);
	rc = lock < 0 ? lock : container_load(e, c.id, &now, err);
	if (rc < 0)
		return rc;
	if (pause && now.status == CONTAINER_PAUSED)
		return err_set(err, EBUSY, "Container %s is already paused", name);
	if (now.status != (pause ? CONTAINER_RUNNING : CONTAINER_PAUSED))
		return err_set(err, ESRCH,
			pause ? "Container %s is not running" : "Container %s is not paused", name);
	/* Recorded as paused from before the freeze until after the thaw: what a kill leaves, `unpause` mends. */
	_cleanup_free_ char *path = container_cgroup(e, &now);
	rc = cgroup_open(&cg, path, err);
	if (rc < 0)
		err_hint(err, "freezing needs a cgroup, and an unprivileged user may not make one on this "
			      "machine");
	now.status = CONTAINER_PAUSED;
	if (rc >= 0 && pause)
		rc = container_save_state(e, &now, err);
	if (rc >= 0)
		rc = cgroup_freeze(&cg, pause, err);
	cgroup_close(&cg);
	now.status = CONTAINER_RUNNING;
	if (pause && rc < 0)
		container_save_state(e, &now, &(struct mc_err){ 0 });
	if (!pause && rc >= 0)
		rc = container_save_state(e, &now, err);
	if (rc < 0)
		return rc;
	event_container(e, &now, pause ? "pause" : "unpause", NULL);
	return rc;
}

int container_pause(struct engine *e, const char *name, struct mc_err *err)
{
	return freeze(e, name, true, err);
}

int container_unpause(struct engine *e, const char *name, struct mc_err *err)
{
	return freeze(e, name, false, err);
}

/* --- for remove.c --- */

int stop_for_removal(struct engine *e, struct container *c, struct mc_err *err)
{
	/* There is no record to mark: it cannot be read, and goes. */
	int rc = c->damaged ? 0 : mark_stopped(e, c, 0, err);
	return rc < 0 || !container_is_active(c) ? rc : end_process(e, c, SIGKILL, 10, err);
}
