/*
 * volume_filters.h - which volumes a list shows, and which a prune takes away. A volume is its document
 * (engine_volume_list()).
 */
#ifndef MC_ENGINE_VOLUME_FILTERS_H
#define MC_ENGINE_VOLUME_FILTERS_H

#include "engine/volumes.h"

/* "dangling=", "driver=", "label=", "name=". -EINVAL for others. */
int volume_filters_check(char *const filters[], struct mc_err *err);
bool volume_passes(const struct json *volume, char *const filters[]);
/* "all=", "label=", "label!="; *all becomes true when the filters say so. */
int volume_prune_check(char *const filters[], bool *all, struct mc_err *err);
/* Removes volumes that no container uses: anonymous ones, or all. done is told each; *freed grows. */
int engine_volumes_prune(struct engine *e, bool all, char *const filters[],
	void (*done)(const struct json *, void *), void *data, uint64_t *freed, struct mc_err *err);

#endif
