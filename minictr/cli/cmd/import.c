/*
 * cmd/import.c - `import`: a root file system archive becomes an image.
 */
#include "cli/command.h"

#include "base/fetch.h"
#include "cli/image_common.h"
#include "cli/verbs.h"

static const struct option_def options[] = {
	{ 'c', "change", OPT_LIST, offsetof(struct import_values, changes), "list",
		"Apply a Dockerfile instruction: CMD, ENV, EXPOSE, LABEL, USER, WORKDIR ..." },
	{ 'm', "message", OPT_STRING, offsetof(struct import_values, message), "string",
		"Comment in the image's history" },
	{ 0, "platform", OPT_STRING, offsetof(struct import_values, platform), "string",
		"What the programs in it run on, as linux/arm64" },
	{ 0 },
};

static int import_run(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct import_values *v = values;
	struct import_options o = { .name = argc > 1 ? argv[1] : NULL,
		.changes = v->changes,
		.message = v->message,
		.platform = v->platform };
	struct digest id;
	_cleanup_close_ int in =
		fetch_is_url(argv[0]) ? fetch_file(argv[0], err) : image_cli_input(argv[0], err);
	_cleanup_close_ int store = in < 0 ? -1 : image_cli_store(err);
	if (store < 0)
		return in < 0 ? in : store;
	int rc = image_import(store, in, argv[0], &o, &id, err);
	if (rc == 0) {
		if (o.name)
			image_cli_event("tag", o.name);
		image_cli_event("import", id.text);
		puts(id.text);
	}
	return image_cli_failed(store, rc, false);
}

const struct command cmd_import = {
	.name = "import",
	.aliases = "image import",
	.group = GROUP_IMAGES,
	.usage = "[OPTIONS] FILE|URL|- [REPOSITORY[:TAG]]",
	.summary = "Make an image of a root file system archive",
	.example = "mmdebstrap bookworm - | minictr import -c 'CMD [\"bash\"]' - debian:bookworm",
	.min_args = 1,
	.max_args = 2,
	.options = options,
	.values_size = sizeof(struct import_values),
	.run = import_run,
};
