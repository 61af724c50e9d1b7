/*
 * repair.h - taking away what the life of a container leaves in the kernel, however it ended.
 */
#ifndef MC_ENGINE_REPAIR_H
#define MC_ENGINE_REPAIR_H

#include "engine/container.h"

/* Takes away the OCI runtime's state, the cgroup, and the program of its network. Nothing there is fine. Lock held. */
void container_clear(struct engine *e, const struct container *c);

/*
 * Folds what the monitor left, or what a crash undid, into c and state.json, and clears (container_clear()). The lock is
 * held. Idempotent: c->stale says whether there is anything to do.
 */
int container_repair(struct engine *e, struct container *c, struct mc_err *err);

#endif
