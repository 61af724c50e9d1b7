/*
 * base_image.h - images that a Dockerfile names: found in the store, or fetched.
 */
#ifndef MC_BUILD_BASE_IMAGE_H
#define MC_BUILD_BASE_IMAGE_H

#include "build/state.h"

/*
 * Finds an image, pulls it when it is missing (or --pull), unpacks its layers. platform: "linux/arm64" or
 * NULL.
 */
int base_image_find(
	struct build *b, const char *name, const char *platform, struct image *ret, struct mc_err *err);
/* Digest over its diff ids, as build_state() has it. */
void base_image_state(const struct image *img, struct digest *ret);

#endif
