/*
 * remove.c - rm and prune.
 *
 * Kernel objects and man pages: renameat(2), unlinkat(2).
 * Order and why: the directory is renamed first, in one step: from then on nobody finds the container, however long the
 * removal of its files takes and wherever it is interrupted (restore.c sweeps). The name is freed after.
 */
#include "engine/remove.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>
#include "base/file.h"
#include "base/sys.h"
#include "engine/events.h"
#include "engine/inspect.h"
#include "engine/names.h"
#include "engine/repair.h"
#include "engine/stop.h"
#include "runtime/cgroup.h"

/*
 * The last one out: the engine's own cgroup and run directories, so that an engine without containers leaves no trace.
 * rmdir(2) takes empty ones only; a container that is being made right now has its directory already and stops us.
 */
static void sweep_if_last(struct engine *e)
{
	struct mc_err ignored = { 0 };
	struct cgroup cg = { 0 };
	_cleanup_strv_ char **left = NULL;
	_cleanup_free_ char *c = xasprintf("%s/c", e->run_dir);
	if (dir_list(e->dir, "containers", &left, &ignored) < 0 || strv_len(left))
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
	int rc = sys_rename(e->dir, dir, e->dir, gone, err);
	if (rc < 0 && rc != -ENOENT)
		return rc;
	name_free(e, c->name, c->id);
	rc = dir_remove(e->dir, gone, err);
	dir_remove(AT_FDCWD, run, &ignored);
	sweep_if_last(e);
	event_container(e, c, "destroy", NULL);
	return rc;
}

/* Its monitor ends a moment after it. When we return nobody is at work on this engine's files any more. */
static void wait_monitor(const struct process_id *monitor)
{
	struct mc_err ignored = { 0 };
	_cleanup_close_ int pidfd = process_id_alive(monitor) ? sys_pidfd_open(monitor->pid, &ignored) : -1;
	struct pollfd p = { pidfd, POLLIN, 0 };
	if (pidfd >= 0)
		poll(&p, 1, 2000);
}

int container_remove(struct engine *e, const char *name, unsigned flags, struct mc_err *err)
{
	_cleanup_container_ struct container c = { 0 };
	char id[CONTAINER_ID_LEN + 1];
	int rc = container_find(e, name, &c, err);
	if (rc < 0)
		return rc;
	memcpy(id, c.id, sizeof(id));
	struct process_id monitor = c.monitor;
	if (container_is_active(&c) && !(flags & REMOVE_FORCE)) {
		err_set(err, EBUSY,
			"cannot remove container \"/%s\": container is %s: stop the container before "
			"removing or force remove",
			c.name, container_status_name(c.status));
		return -EBUSY;
	}
	if (container_is_active(&c))
		rc = stop_for_removal(e, &c, err);
	if (rc < 0 && rc != -ENOSPC)
		return rc;
	_cleanup_close_ int lock = container_lock(e, id, err);
	struct mc_err gone = { 0 };
	container_release(&c);
	if (lock < 0)
		return lock;
	if (container_load(e, id, &c, &gone) < 0)
		return 0;               /* --rm was quicker */
	container_repair(e, &c, &gone); /* a full disk must not keep anybody from making room */
	if (container_is_active(&c))
		return err_set(err, EBUSY, "container %s was started again meanwhile", c.name);
	rc = remove_locked(e, &c, err);
	close_fd(take_fd(&lock)); /* its `internal cleanup` may be waiting for it */
	wait_monitor(&monitor);
	return rc;
}

int container_prune(struct engine *e, bool (*keep)(const struct container *, void *),
	void (*done)(const struct container *, void *), void *data, uint64_t *ret_bytes, struct mc_err *err)
{
	_cleanup_container_list_ struct container_list all = { 0 };
	int rc = container_list(e, &all, err);
	*ret_bytes = 0;
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
