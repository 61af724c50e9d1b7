/*
 * stop.h - everything that ends, holds or changes a container that exists. Each takes a name or id (prefix).
 * Messages are docker's. No function waits with a lock held: stop never blocks kill or ps.
 */
#ifndef MC_ENGINE_STOP_H
#define MC_ENGINE_STOP_H

#include "engine/container.h"

enum { STOP_DEFAULT = -2 }; /* the container's own StopTimeout, else 10 s; -1 waits for ever */

/* Sends the stop signal (signal NULL: the container's own), after `seconds` SIGKILL, and waits for the end.
 * Stopping one that does not run is no error. */
int container_stop(struct engine *e, const char *name, const char *signal, int seconds, struct mc_err *err);
/* Sends a signal by name or number ("HUP", "SIGHUP", "1"; NULL is KILL). -ESRCH when it does not run. */
int container_kill(struct engine *e, const char *name, const char *signal, struct mc_err *err);
/* Freezes and thaws the container's cgroup. */
int container_pause(struct engine *e, const char *name, struct mc_err *err);
int container_unpause(struct engine *e, const char *name, struct mc_err *err);

enum wait_condition { WAIT_NOT_RUNNING, WAIT_NEXT_EXIT, WAIT_REMOVED };
/* Waits without polling faster than 10 times a second; *ret_exit is the exit code. */
int container_wait(
	struct engine *e, const char *name, enum wait_condition condition, int *ret_exit, struct mc_err *err);
/* The exit code of a --rm container that is gone, from its last event, "die"; without one *ret_exit stays. */
void container_removed_code(struct engine *e, const char *id, int *ret_exit);

enum { REMOVE_FORCE = 1, REMOVE_VOLUMES = 2 };
/* Removes a container that does not run, or kills it first (REMOVE_FORCE). */
int container_remove(struct engine *e, const char *name, unsigned flags, struct mc_err *err);
/* SIGKILL, and wait; marks it as stopped by a person first. c is loaded anew. */
int stop_for_removal(struct engine *e, struct container *c, struct mc_err *err);
int container_rename(struct engine *e, const char *name, const char *new_name, struct mc_err *err);
/* Removes all containers that are neither running nor paused and satisfy keep==NULL or !keep(c, data); calls
 * done(c, data) for each. Returns the bytes given back in *ret_bytes. */
int container_prune(struct engine *e, bool (*keep)(const struct container *, void *),
	void (*done)(const struct container *, void *), void *data, uint64_t *ret_bytes, struct mc_err *err);

/* `update`: fields that are not set stay as they are. */
struct update_options {
	uint64_t memory, memory_reservation; /* 0: unchanged */
	int64_t memory_swap;                 /* 0: unchanged; -1: no limit */
	uint64_t nano_cpus, cpu_shares, cpu_period;
	int64_t cpu_quota;
	const char *cpuset_cpus, *cpuset_mems; /* NULL: unchanged; borrowed */
	int64_t pids_limit;                    /* 0: unchanged; -1: no limit */
	const char *restart;                   /* NULL: unchanged; borrowed */
};
/* Changes limits of a running container in its cgroup, and the record for the next start. */
int container_update(struct engine *e, const char *name, const struct update_options *o, struct mc_err *err);

#endif
