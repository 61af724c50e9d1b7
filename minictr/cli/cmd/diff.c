/*
 * cmd/diff.c - `diff`: what a container added (A), changed (C) and deleted (D): its writable layer against
 * the image below it.
 */
#include <unistd.h>

#include "base/wrap.h"
#include "cli/commands.h"
#include "cli/engine_use.h"
#include "cli/verbs.h"
#include "engine/container_diff.h"

/* A pipe gets the names as they are, a terminal what it will not obey: they are the container's. */
void diff_say(char kind, const char *path, void *data)
{
	_cleanup_free_ char *shown = isatty(1) ? text_visible(path) : xstrdup(path);
	printf("%c %s\n", kind, shown);
}

static int diff_run(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	_cleanup_engine_ struct engine e = { 0 };
	int rc = use_engine(cli, &e, err);
	return rc < 0 ? rc : container_diff(&e, argv[0], diff_say, NULL, err);
}

const struct command cmd_diff = {
	.name = "diff",
	.aliases = "container diff",
	.group = GROUP_LOOK,
	.usage = "CONTAINER",
	.summary = "Show which files a container added, changed, deleted",
	.example = "minictr diff web",
	.takes = TAKES_CONTAINERS,
	.min_args = 1,
	.max_args = 1,
	.run = diff_run,
};
