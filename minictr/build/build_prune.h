/*
 * build_prune.h - the build cache is given up: entries, layers that only it keeps, cache mounts.
 */
#ifndef MC_BUILD_BUILD_PRUNE_H
#define MC_BUILD_BUILD_PRUNE_H

#include "engine/engine.h"
#include "image/verbs.h"

/*
 * Forgets every result and takes the marks off its layers; garbage collection then removes the layers that
 * no image names. mounts: the directories of RUN --mount=type=cache go as well, but those that a step
 * holds. *ret_freed: bytes. A build that runs at the moment goes on: what it misses it makes again.
 */
int build_prune(struct engine *e, const struct image_uses *uses, bool mounts, uint64_t *ret_freed,
	struct mc_err *err);

/* What the cache takes on the disk: results, layers that no image uses, directories of cache mounts. */
struct build_usage {
	size_t records; /* results of steps */
	uint64_t bytes;
};
int build_usage(struct engine *e, struct build_usage *ret, struct mc_err *err);

#endif
