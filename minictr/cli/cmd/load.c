/*
 * cmd/load.c - `load`: images out of an archive.
 */
#include "cli/command.h"

#include "cli/image_common.h"
#include "cli/verbs.h"

static const struct option_def options[] = {
	{ 'i', "input", OPT_STRING, offsetof(struct load_values, input), "string",
		"Read from this file instead of stdin" },
	{ 'q', "quiet", OPT_FLAG, offsetof(struct load_values, quiet), NULL, "Say nothing about progress" },
	{ 0, "platform", OPT_STRING, offsetof(struct load_values, platform), "string",
		"Of several platforms take this one, as linux/arm64" },
	{ 0 },
};

static int load_run(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct load_values *v = values;
	_cleanup_close_ int in = image_cli_input(v->input, err);
	_cleanup_close_ int store = in < 0 ? -1 : image_cli_store(err);
	if (store < 0)
		return in < 0 ? in : store;
	int rc = image_load(store, in, v->input ? v->input : "stdin", v->platform, &image_cli_report, err);
	return image_cli_failed(store, rc, false);
}

const struct command cmd_load = {
	.name = "load",
	.aliases = "image load",
	.group = GROUP_IMAGES,
	.usage = "[OPTIONS]",
	.summary = "Load images from an archive",
	.example = "minictr load -i busybox.tar\nskopeo copy docker://busybox docker-archive:/dev/stdout | "
		   "minictr load",
	.options = options,
	.values_size = sizeof(struct load_values),
	.run = load_run,
};
