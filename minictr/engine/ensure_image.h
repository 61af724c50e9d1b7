/*
 * ensure_image.h - an image that a container (or a build) is about to use: found, and fetched or unpacked
 * first when it is missing. The one road for run, create, build and compose.
 */
#ifndef MC_ENGINE_ENSURE_IMAGE_H
#define MC_ENGINE_ENSURE_IMAGE_H

#include "engine/engine.h"
#include "image/image.h"

enum image_pull { PULL_MISSING, PULL_ALWAYS, PULL_NEVER };

/* Which image, and what may be done to get it. All pointers are borrowed. */
struct image_wish {
	const char *name;     /* name or id */
	const char *platform; /* "linux/arm64"; NULL: this machine's. Used when it is fetched */
	const char *userns;   /* --userns of the container: an unprivileged user's layers are copied for it */
	enum image_pull pull;
	bool quiet; /* no progress of the download */
	int cancel; /* 0: none; once it is readable, the download ends (base/spawn.h) */
	/* Called before a missing image is fetched, so that the caller can tell the user. NULL: not told. */
	void (*absent)(const char *name);
};

/*
 * Finds the image; a missing one is fetched and one whose layers are not unpacked is unpacked, both by
 * minictr-image, whose output goes to our standard error. Fills *ret (caller image_free()s) and *ret_pin:
 * while that descriptor is open, `rmi` waits, so the layers stay. -ENOENT "No such image" with PULL_NEVER.
 * When minictr-image failed, it has said why on standard error: -EIO with an empty err->what.
 */
int ensure_image(
	struct engine *e, const struct image_wish *w, struct image *ret, int *ret_pin, struct mc_err *err);

/*
 * The layers of an image with the owners that the id maps want (image_layers()); unpacked first when they
 * are not there. Caller strv_free()s *ret.
 */
int ensure_layers(struct engine *e, const struct image_wish *w, const struct image *image,
	const struct id_maps *ids, char ***ret, struct mc_err *err);

#endif
