/*
 * cmd/rename.c - `rename`: the id stays, the name changes.
 */
#include "cli/commands.h"
#include "cli/engine_use.h"
#include "engine/stop.h"

static int rename_run(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	_cleanup_engine_ struct engine e = { 0 };
	int rc = use_engine(cli, &e, err);
	return rc < 0 ? rc : container_rename(&e, argv[0], argv[1], err);
}

const struct command cmd_rename = {
	.name = "rename",
	.aliases = "container rename",
	.group = GROUP_LIFE,
	.usage = "CONTAINER NEW_NAME",
	.summary = "Give a container another name",
	.example = "minictr rename web old-web",
	.takes = TAKES_CONTAINERS,
	.min_args = 2,
	.max_args = 2,
	.run = rename_run,
};
