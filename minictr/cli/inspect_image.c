/*
 * inspect_image.c - an image as `inspect` shows it.
 */
#include "cli/inspect_parts.h"

#include "engine/engine.h"
#include "image/image.h"

int inspect_image(struct engine *e, const char *name, struct json **ret, struct mc_err *err)
{
	_cleanup_close_ int store = store_open(e->root, err);
	_cleanup_image_ struct image img = { 0 };
	if (store < 0)
		return store;
	int rc = image_lookup(store, name, &img, err);
	if (rc < 0)
		return rc;
	*ret = image_describe(&img);
	return 0;
}
