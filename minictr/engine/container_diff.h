/*
 * container_diff.h - what a container has changed.
 */
#ifndef MC_ENGINE_CONTAINER_DIFF_H
#define MC_ENGINE_CONTAINER_DIFF_H

#include "engine/container.h"

/* `diff`: out(kind 'A', 'C' or 'D', path) in path order. */
int container_diff(struct engine *e, const char *name, void (*out)(char kind, const char *path, void *),
	void *data, struct mc_err *err);

#endif
