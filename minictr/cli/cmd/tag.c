/*
 * cmd/tag.c - `tag`: one more name for an image.
 */
#include "cli/command.h"

#include "cli/image_common.h"

static int tag_run(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	_cleanup_close_ int store = image_cli_store(err);
	int rc = store < 0 ? store : image_tag(store, argv[0], argv[1], err);
	if (rc >= 0)
		image_cli_event("tag", argv[1]);
	return rc;
}

const struct command cmd_tag = {
	.name = "tag",
	.aliases = "image tag",
	.group = GROUP_IMAGES,
	.usage = "SOURCE_IMAGE[:TAG] TARGET_IMAGE[:TAG]",
	.summary = "Give an image another name",
	.example = "minictr tag busybox localhost:5000/my-box:1",
	.min_args = 2,
	.max_args = 2,
	.run = tag_run,
};
