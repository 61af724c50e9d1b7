/*
 * cmd/unpack.c - `image unpack`: the layers of an image that another tool (skopeo, umoci) put into the store.
 */
#include "cli/command.h"

#include "cli/engine_use.h"
#include "cli/image_common.h"
#include "engine/spec/user_ids.h"

struct unpack_values {
	const char *userns;
};

static const struct option_def options[] = {
	{ 0, "userns", OPT_STRING, offsetof(struct unpack_values, userns), "string",
		"Also with the owners that a container with this --userns needs (unprivileged users)" },
	{ 0 },
};

static int unpack_run(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct unpack_values *v = values;
	_cleanup_image_ struct image img = { 0 };
	_cleanup_id_maps_ struct id_maps ids = { 0 };
	_cleanup_engine_ struct engine e = { 0 };
	_cleanup_close_ int store = image_cli_store(err);
	int rc = store < 0 ? store : image_lookup(store, argv[0], &img, err);
	if (rc >= 0)
		rc = image_unpack(store, &img, NULL, err);
	if (rc >= 0 && v->userns)
		rc = use_engine(cli, &e, err);
	if (rc >= 0 && v->userns)
		rc = user_ids_choose(&e, v->userns, &ids, err);
	return rc < 0 || !e.rootless || !ids.uids.n ? rc : image_unpack(store, &img, &ids, err);
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
	.options = options,
	.values_size = sizeof(struct unpack_values),
	.run = unpack_run,
};
