/*
 * cmd/export.c - `export`: the files of a container as one tar, the image's and its own together.
 */
#include "cli/command.h"

#include <fcntl.h>
#include <unistd.h>

#include "cli/engine_use.h"
#include "cli/verbs.h"
#include "engine/container_root.h"
#include "engine/events.h"
#include "engine/spec/user_ids.h"
#include "image/tree.h"

static const struct option_def options[] = {
	{ 'o', "output", OPT_STRING, offsetof(struct export_values, output), "string",
		"Write to this file instead of stdout" },
	{ 0 },
};

static int export_run(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct export_values *v = values;
	_cleanup_engine_ struct engine e = { 0 };
	_cleanup_container_ struct container c = { 0 };
	_cleanup_id_maps_ struct id_maps ids = { 0 };
	if (!v->output && isatty(1))
		return err_set(
			err, EINVAL, "cowardly refusing to save to a terminal. Use the -o flag or redirect");
	int rc = use_engine(cli, &e, err);
	if (rc == 0)
		rc = container_find(&e, argv[0], &c, err);
	if (rc == 0)
		rc = user_ids_load(c.host, &ids, err);
	_cleanup_close_ int root = rc < 0 ? rc : container_root(&e, &c, err);
	if (root < 0)
		return root;
	_cleanup_close_ int out =
		v->output ? open(v->output, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600) : dup(1);
	rc = out < 0 ? err_sys(err, "create %s", v->output) : tree_write_all(root, &ids, out, err);
	if (rc >= 0)
		event_container(&e, &c, "export", NULL);
	return rc;
}

const struct command cmd_export = {
	.name = "export",
	.aliases = "container export",
	.group = GROUP_LOOK,
	.usage = "[OPTIONS] CONTAINER",
	.summary = "Write a container's files as a tar archive",
	.example = "minictr export web | tar t\nminictr export -o web.tar web",
	.min_args = 1,
	.max_args = 1,
	.options = options,
	.values_size = sizeof(struct export_values),
	.run = export_run,
};
