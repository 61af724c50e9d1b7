/*
 * network_filters.h - which networks a list shows, and which a prune takes away.
 */
#ifndef MC_ENGINE_NETWORK_FILTERS_H
#define MC_ENGINE_NETWORK_FILTERS_H

#include "engine/network_jobs.h"

/* "name=", "id=", "driver=", "label=", "type=custom|builtin", "dangling=", "scope=". -EINVAL for others. */
int network_filters_check(char *const filters[], struct mc_err *err);
bool network_passes(struct engine *e, const struct network *n, char *const filters[]);
/* "until=", "label=", "label!=". */
int network_prune_check(char *const filters[], struct mc_err *err);
/* Removes the networks that no container uses and that filters name; done is told each name. */
int engine_networks_prune(struct engine *e, char *const filters[], void (*done)(const char *name, void *),
	void *data, struct mc_err *err);

#endif
