/*
 * cmd/pause.c - `pause` and `unpause`: the cgroup freezer holds every process of the container where it stands. They get no
 * signal and cannot refuse; on v2 that is cgroup.freeze, on v1 freezer.state.
 */
#include "cli/commands.h"
#include "cli/engine_use.h"
#include "engine/stop.h"

static int pause_one(struct engine *e, const char *name, const void *values, struct mc_err *err)
{
	return container_pause(e, name, err);
}

static int unpause_one(struct engine *e, const char *name, const void *values, struct mc_err *err)
{
	return container_unpause(e, name, err);
}

static int run_pause(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	return each_name(cli, argc, argv, pause_one, NULL, err);
}

static int run_unpause(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	return each_name(cli, argc, argv, unpause_one, NULL, err);
}

const struct command cmd_pause = {
	.name = "pause",
	.aliases = "container pause",
	.group = GROUP_LIFE,
	.usage = "CONTAINER [CONTAINER...]",
	.summary = "Freeze all processes of containers",
	.example = "minictr pause web",
	.takes = TAKES_RUNNING,
	.min_args = 1,
	.max_args = ANY_ARGS,
	.run = run_pause,
};

const struct command cmd_unpause = {
	.name = "unpause",
	.aliases = "container unpause",
	.group = GROUP_LIFE,
	.usage = "CONTAINER [CONTAINER...]",
	.summary = "Let frozen containers go on",
	.example = "minictr unpause web",
	.takes = TAKES_RUNNING,
	.min_args = 1,
	.max_args = ANY_ARGS,
	.run = run_unpause,
};
