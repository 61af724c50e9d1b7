/*
 * cmd/pause.c - `pause` and `unpause`: the cgroup freezer holds every process of the container where it
 * stands. They get no signal and cannot refuse; on v2 that is cgroup.freeze, on v1 freezer.state.
 */
#include "cli/commands.h"
#include "cli/engine_use.h"
#include "cli/verbs.h"
#include "engine/stop.h"

static const struct option_def options[] = {
	{ 'a', "all", OPT_FLAG, offsetof(struct pause_values, all), NULL,
		"All that run (unpause: all that are frozen)" },
	{ 0 },
};

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
	const struct pause_values *v = values;
	_cleanup_strv_ char **names = NULL;
	int rc = names_or_all(cli, v->all, argc, argv, container_runs, &names, err);
	return rc < 0 ? rc : each_name(cli, (int)strv_len(names), names, pause_one, values, err);
}

static int run_unpause(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct pause_values *v = values;
	_cleanup_strv_ char **names = NULL;
	int rc = names_or_all(cli, v->all, argc, argv, container_frozen, &names, err);
	return rc < 0 ? rc : each_name(cli, (int)strv_len(names), names, unpause_one, values, err);
}

const struct command cmd_pause = {
	.name = "pause",
	.aliases = "container pause",
	.group = GROUP_LIFE,
	.usage = "[OPTIONS] CONTAINER [CONTAINER...] | --all",
	.summary = "Freeze all processes of containers",
	.example = "minictr pause web",
	.takes = TAKES_RUNNING,
	.max_args = ANY_ARGS,
	.options = options,
	.values_size = sizeof(struct pause_values),
	.run = run_pause,
};

const struct command cmd_unpause = {
	.name = "unpause",
	.aliases = "container unpause",
	.group = GROUP_LIFE,
	.usage = "[OPTIONS] CONTAINER [CONTAINER...] | --all",
	.summary = "Let frozen containers go on",
	.example = "minictr unpause web",
	.takes = TAKES_RUNNING,
	.max_args = ANY_ARGS,
	.options = options,
	.values_size = sizeof(struct pause_values),
	.run = run_unpause,
};
