/*
 * cmd/builder_prune.c - `builder prune`: removes the build cache.
 */
#include "build/build_prune.h"
#include "cli/engine_use.h"
#include "cli/format/table.h"
#include "cli/image_common.h"
#include "cli/verbs.h"

static const struct option_def options[] = {
	{ 'a', "all", OPT_FLAG, offsetof(struct builder_prune_values, all), NULL,
		"The directories of RUN --mount=type=cache, too" },
	{ 'f', "force", OPT_FLAG, offsetof(struct builder_prune_values, force), NULL, "Do not ask" },
	{ 0 },
};

static int builder_prune_run(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct builder_prune_values *v = values;
	_cleanup_engine_ struct engine e = { 0 };
	struct image_uses uses = { 0 };
	uint64_t freed = 0;
	if (!v->force &&
		!ask_yes("This removes all results of build steps that no image uses. Are you sure?"))
		return 1;
	int rc = use_engine(cli, &e, err);
	if (rc >= 0)
		rc = image_cli_uses(&uses, err);
	if (rc >= 0)
		rc = build_prune(&e, &uses, v->all, &freed, err);
	free((void *)uses.use);
	if (rc < 0)
		return rc;
	_cleanup_free_ char *size = text_size((int64_t)freed);
	printf("Total reclaimed space: %s\n", size);
	return 0;
}

const struct command cmd_builder_prune = {
	.name = "builder prune",
	.aliases = "buildx prune",
	.group = GROUP_IMAGES,
	.usage = "[OPTIONS]",
	.summary = "Remove the build cache",
	.example = "minictr builder prune -f\nminictr builder prune -af",
	.max_args = 0,
	.options = options,
	.values_size = sizeof(struct builder_prune_values),
	.run = builder_prune_run,
};
