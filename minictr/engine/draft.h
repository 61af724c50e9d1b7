/*
 * draft.h - the record of a container that does not exist yet: from the options of `run` and the image's
 * config.
 */
#ifndef MC_ENGINE_DRAFT_H
#define MC_ENGINE_DRAFT_H

#include "engine/run.h"
#include "image/image.h"
#include "runtime/userns.h"

/*
 * Fills c (its id is set by the caller) from o and the image, and *ret_ids with the map of its user
 * namespace (empty without one). Nothing is written. Caller container_release()s c and id_maps_release()s
 * *ret_ids.
 */
int draft_container(struct engine *e, const struct run_options *o, const struct image *image,
	struct container *c, struct id_maps *ret_ids, struct mc_err *err);

/*
 * The config.json that a start would write, as text; caller frees *ret. Nothing is made: no image is
 * fetched, either (`explain --dry-run`).
 */
int container_plan(struct engine *e, const struct run_options *o, char **ret, struct mc_err *err);

#endif
