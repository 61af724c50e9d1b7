/* remove.h - taking a container away, for those who hold its lock already. */
#ifndef MC_ENGINE_REMOVE_H
#define MC_ENGINE_REMOVE_H

#include "engine/container.h"

/* The container does not run and the lock is held. Directory, name, run directory; then the event. Idempotent. */
int remove_locked(struct engine *e, const struct container *c, struct mc_err *err);

/* stop.c: SIGKILL, and wait; marks it as stopped by a person first. c is loaded anew. */
int stop_for_removal(struct engine *e, struct container *c, struct mc_err *err);

#endif
