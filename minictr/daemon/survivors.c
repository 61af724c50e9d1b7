/*
 * survivors.c - containers outlive the daemon, so it must find them again.
 *
 * Each container has a monitor process of its own, and its configuration and state stand in files
 * (engine/container.h). The daemon adds nothing to that: it reads the files, believes a process id only
 * together with its start time and boot, and repairs the records of containers that ended while no daemon
 * ran.
 */
#include <fcntl.h>
#include "daemon/survivors.h"

#include "base/file.h"
#include "base/spawn.h"

/* `minictr internal cleanup ID`, as the monitor would have run it; it takes locks, so not in our thread. */
static void repair(struct daemon *d, const char *id)
{
	char *argv[] = { d->engine_program, "--root", d->engine.root, "internal", "cleanup", (char *)id,
		NULL };
	struct spawn s = { .argv = argv, .in = SPAWN_NULL, .out = SPAWN_NULL, .new_session = true };
	struct mc_err err = { 0 };
	if (spawn_start(&s, &err) < 0)
		daemon_log(d, "container %.12s: %s", id, err.what);
}

/*
 * Finds the containers that are there when the daemon starts. state_dir is the engine's directory
 * "containers", open: one directory per container, named by its id.
 *
 * What must hold:
 *  - nothing of a container changes: a running one keeps its process, its monitor and its connections;
 *  - d->n_running is the number of those that run (paused ones, too);
 *  - a record that says "running" while the process is gone is repaired (repair(), which starts a process
 *    and does not wait);
 *  - entries that are no container (half-made, being removed) are passed over, and one that cannot be read
 *    does not stop the others.
 * Returns the number of containers found, running or not; -errno only when state_dir cannot be read.
 * Lab 10.5: the truth about a container is on disk and in the kernel, never in the daemon's memory.
 */
int daemon_restore(struct daemon *d, int state_dir)
{
	_cleanup_strv_ char **names = NULL;
	struct mc_err err = { 0 };
	int found = 0;
	d->n_running = 0;
	int rc = dir_list(state_dir, ".", &names, &err);
	if (rc < 0)
		return rc;
	for (size_t i = 0; names[i]; i++) {
		_cleanup_container_ struct container c = { 0 };
		if (strlen(names[i]) != CONTAINER_ID_LEN ||
			container_load(&d->engine, names[i], &c, &err) < 0)
			continue;
		found++;
		if (c.stale)
			repair(d, c.id);
		else
			d->n_running += container_is_active(&c);
	}
	return found;
}
