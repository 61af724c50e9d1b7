/*
 * service_hooks.h - post_start, pre_stop, and the commands of `watch`.
 */
#ifndef MC_COMPOSE_SERVICE_HOOKS_H
#define MC_COMPOSE_SERVICE_HOOKS_H

#include "compose/project.h"
#include "engine/start.h"

/* {command, user, privileged, working_dir, environment} in a running container; its output is ours. */
int hook_run(const struct yaml *hook, const char *container, struct mc_err *err);
/* Starts a container of the service, then runs its post_start. */
int hooks_start(struct engine *e, const struct project *p, const char *service, const char *container,
	struct mc_err *err);
/* Runs pre_stop, then stops the container, also when a hook failed. timeout: seconds; -1: its own. */
int hooks_stop(struct engine *e, const struct project *p, const struct container *c, int timeout,
	struct mc_err *err);

#endif
