/*
 * cleanup.h - after the end of a container, for all who may be the first to notice it.
 */
#ifndef MC_ENGINE_CLEANUP_H
#define MC_ENGINE_CLEANUP_H

#include "engine/container.h"

/*
 * Takes away the OCI runtime's state, the cgroup, and the program of its network. Nothing there is fine.
 * Lock held.
 */
void container_clear(struct engine *e, const struct container *c);

/*
 * Folds what the monitor left, or what a crash undid, into c and state.json, and clears
 * (container_clear()). The lock is held. Idempotent: c->stale says whether there is anything to do.
 */
int container_repair(struct engine *e, struct container *c, struct mc_err *err);

/*
 * Repairs the record; with --rm the container is removed. Also `minictr internal cleanup ID`, run by the
 * monitor after the end: when the restart policy wants it back, the pause before that is in the file
 * containers/ID/pause, in milliseconds.
 */
int container_cleanup(struct engine *e, const char *id, struct mc_err *err);

/*
 * The container does not run and the lock is held. Directory, name, run directory; then the event.
 * Idempotent.
 */
int remove_locked(struct engine *e, const struct container *c, struct mc_err *err);
/* The same, and its anonymous volumes: `rm -v` and --rm. */
int remove_with_volumes(struct engine *e, const struct container *c, struct mc_err *err);

/*
 * Removes the files of containers whose making or removal was interrupted, or was stopped by a mount that lay
 * in them. all: no other process is at work (at boot).
 */
void sweep_removed(struct engine *e, bool all);

#endif
