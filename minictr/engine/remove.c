/*
 * remove.c - rm and prune.
 *
 * Kernel objects and man pages: poll(2) on a pidfd.
 * Order and why: what runs is ended first, without a lock; the lock is taken for the removal itself
 * (cleanup.c); and its monitor is awaited without it again, since that one's `internal cleanup` may want it.
 */
#include "engine/stop.h"

#include <fcntl.h>
#include <poll.h>
#include "base/sys.h"
#include "engine/cleanup.h"
#include "engine/inspect.h"

/* Its monitor ends a moment after it. When we return no process is at work on its files any more. */
static void wait_monitor(const struct process_id *monitor)
{
	struct mc_err ignored = { 0 };
	_cleanup_close_ int pidfd = process_id_alive(monitor) ? sys_pidfd_open(monitor->pid, &ignored) : -1;
	struct pollfd p = { pidfd, POLLIN, 0 };
	if (pidfd >= 0)
		poll(&p, 1, 2000);
}

static int refuse_active(const struct container *c, struct mc_err *err)
{
	return err_set(err, EBUSY,
		"You cannot remove a %s container %s. Stop the container before attempting removal or force "
		"remove",
		container_status_name(c->status), c->id);
}

/* Ends what runs, if it may. The lock is not held. c is loaded anew. */
static int remove_running(struct engine *e, struct container *c, unsigned flags, struct mc_err *err)
{
	if (!container_is_active(c))
		return 0;
	if (flags & REMOVE_FORCE)
		return stop_for_removal(e, c, err);
	return refuse_active(c, err);
}

/* The record need not be readable: the id is enough to find all that is there of it. */
int container_remove(struct engine *e, const char *name, unsigned flags, struct mc_err *err)
{
	_cleanup_container_ struct container c = { 0 };
	char id[CONTAINER_ID_LEN + 1];
	struct mc_err gone = { 0 };
	int rc = container_find_id(e, name, id, err);
	if (rc < 0)
		return rc;
	/* It was there when its name was looked up: gone since then means removed, by `run --rm` or another rm. */
	if ((rc = container_load_damaged(e, id, &c, &gone)) == -ENOENT)
		return 0;
	if (rc < 0) {
		*err = gone;
		return rc;
	}
	struct process_id monitor = c.monitor;
	rc = remove_running(e, &c, flags, &gone);
	/* It ended by itself, and `run --rm` was quicker: what was asked for is done. */
	if (rc == -ENOENT)
		return 0;
	/* On a full disk `rm` must still work: it makes room. */
	if (rc < 0 && rc != -ENOSPC) {
		*err = gone;
		return rc;
	}
	gone = (struct mc_err){ 0 };
	_cleanup_close_ int lock = container_lock(e, id, &gone);
	container_release(&c);
	if (lock == -ENOENT)
		return 0;
	if (lock < 0) {
		*err = gone;
		return lock;
	}
	if (container_load_damaged(e, id, &c, &gone) < 0)
		return 0;
	if (!c.damaged)
		container_repair(e, &c, &gone);
	if (container_is_active(&c) && !c.damaged)
		return refuse_active(&c, err); /* it was started again meanwhile */
	/*
	 * Anonymous volumes were made for this container; without -v they stay, as docker has it, but --rm
	 * means all of it.
	 */
	rc = (flags & REMOVE_VOLUMES) || container_flag(c.host, "AutoRemove")
		     ? remove_with_volumes(e, &c, err)
		     : remove_locked(e, &c, err);
	/* The monitor's `internal cleanup` may be waiting for it. */
	close_fd(take_fd(&lock));
	wait_monitor(&monitor);
	return rc;
}

int container_prune(struct engine *e, bool (*keep)(const struct container *, void *),
	void (*done)(const struct container *, void *), void *data, uint64_t *ret_bytes, struct mc_err *err)
{
	_cleanup_container_list_ struct container_list all = { 0 };
	int rc = container_list(e, &all, err);
	*ret_bytes = 0;
	sweep_removed(e, false);
	for (size_t i = 0; rc >= 0 && i < all.count; i++) {
		struct container *c = &all.items[i];
		struct mc_err one = { 0 };
		if (container_is_active(c) || (keep && keep(c, data)))
			continue;
		uint64_t bytes = container_size(e, c->id);
		if (container_remove(e, c->id, 0, &one) < 0)
			continue; /* started meanwhile */
		*ret_bytes += bytes;
		if (done)
			done(c, data);
	}
	return rc;
}
