/*
 * cmd_unpack.c - `image unpack`: the layers of an image that another tool (skopeo, umoci) put into the store.
 */
#include "cli/command.h"

#include "cli/image_common.h"

static int run(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	_cleanup_image_ struct image img = { 0 };
	_cleanup_close_ int store = image_cli_store(err);
	int rc = store < 0 ? store : image_lookup(store, argv[0], &img, err);
	return rc < 0 ? rc : image_unpack(store, &img, err);
}

const struct command cmd_image_unpack = {
	.name = "image unpack",
	.group = GROUP_HIDDEN,
	.usage = "IMAGE",
	.summary = "Unpack the layers of an image that another tool put into the store",
	.example = "skopeo copy docker://busybox oci:/var/lib/minictr/images:busybox && minictr image unpack "
		   "busybox",
	.min_args = 1,
	.max_args = 1,
	.run = run,
};
