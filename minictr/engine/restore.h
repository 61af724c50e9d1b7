/*
 * restore.h - after the end. A crash of any of our processes, or of the machine, at any point leaves a
 * record that the next command puts right (cleanup.h, container_repair); at boot `minictr internal restore`
 * starts what its restart policy wants.
 */
#ifndef MC_ENGINE_RESTORE_H
#define MC_ENGINE_RESTORE_H

#include "engine/container.h"

/* `minictr internal health ID` and `healthcheck run`: one health check, its result recorded. *ret_code (may
 * be NULL): the exit code of the test, 255 when its time was over. */
int container_health(struct engine *e, const char *id, int *ret_code, struct mc_err *err);

/* All `minictr internal VERB ARG...` in one door for the command line; returns the exit status. */
int engine_internal(struct engine *e, int argc, char *const argv[]);

#endif
