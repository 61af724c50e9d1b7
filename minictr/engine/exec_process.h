/* exec_process.h - the process document of an exec, for exec.c and health.c. */
#ifndef MC_ENGINE_EXEC_PROCESS_H
#define MC_ENGINE_EXEC_PROCESS_H

#include "engine/exec.h"

/* "process" of the container's config.json with what o changes; the caller frees *ret. */
int exec_process_json(struct engine *e, const struct container *c, const struct exec_options *o,
	struct json **ret, struct mc_err *err);

#endif
