/*
 * cmd/save.c - `save`: images into an archive that docker, podman, skopeo and containerd load.
 */
#include "cli/command.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/result_file.h"
#include "cli/image_common.h"
#include "cli/verbs.h"

static const struct option_def options[] = {
	{ 'o', "output", OPT_STRING, offsetof(struct save_values, output), "string",
		"Write to this file instead of stdout" },
	{ 0, "platform", OPT_STRING, offsetof(struct save_values, platform), "string",
		"Save it only when it is for this machine, as linux/arm64" },
	{ 0 },
};

static int save_logged(int store, char **names, int out, struct mc_err *err)
{
	int rc = image_save(store, names, out, err);
	for (size_t i = 0; rc == 0 && names[i]; i++)
		image_cli_event("save", names[i]);
	return rc;
}

static int save_run(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct save_values *v = values;
	if (!v->output && isatty(1))
		return err_set(
			err, EINVAL, "cowardly refusing to save to a terminal. Use the -o flag or redirect");
	_cleanup_close_ int store = image_cli_store(err);
	if (store < 0)
		return store;
	if (image_cli_platform(store, v->platform, argv, err) < 0)
		return -err->code;
	if (!v->output)
		return save_logged(store, argv, 1, err);
	_cleanup_free_ char *temp = NULL;
	_cleanup_close_ int out = output_begin(v->output, 0600, &temp, err);
	return out < 0 ? out : output_end(v->output, temp, save_logged(store, argv, out, err), err);
}

const struct command cmd_save = {
	.name = "save",
	.aliases = "image save",
	.group = GROUP_IMAGES,
	.usage = "[OPTIONS] IMAGE [IMAGE...]",
	.summary = "Save images to an archive",
	.example = "minictr save -o box.tar busybox\nminictr save busybox | gzip >box.tar.gz",
	.min_args = 1,
	.max_args = ANY_ARGS,
	.options = options,
	.values_size = sizeof(struct save_values),
	.run = save_run,
};
