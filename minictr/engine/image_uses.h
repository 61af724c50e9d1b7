/*
 * image_uses.h - which containers use which images.
 */
#ifndef MC_ENGINE_IMAGE_USES_H
#define MC_ENGINE_IMAGE_USES_H

#include "engine/container.h"
#include "image/verbs.h"

/* For image_remove() and store_collect(); free(ret->use). */
int engine_image_uses(struct engine *e, struct image_uses *ret, struct mc_err *err);

#endif
