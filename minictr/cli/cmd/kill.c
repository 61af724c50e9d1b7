/*
 * cmd/kill.c - `kill`: one signal to the container's process 1, SIGKILL unless said otherwise.
 */
#include "cli/commands.h"
#include "cli/engine_use.h"
#include "cli/verbs.h"
#include "engine/stop.h"

static const struct option_def options[] = {
	{ 'a', "all", OPT_FLAG, offsetof(struct kill_values, all), NULL, "All that run" },
	{ 's', "signal", OPT_STRING, offsetof(struct kill_values, signal), "string",
		"Signal by name or number (KILL)" },
	{ 0 },
};

static int kill_one(struct engine *e, const char *name, const void *values, struct mc_err *err)
{
	const struct kill_values *v = values;
	return container_kill(e, name, v->signal, err);
}

static int kill_run(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct kill_values *v = values;
	_cleanup_strv_ char **names = NULL;
	int rc = names_or_all(cli, v->all, argc, argv, container_runs, &names, err);
	return rc < 0 ? rc : each_name(cli, (int)strv_len(names), names, kill_one, values, err);
}

const struct command cmd_kill = {
	.name = "kill",
	.aliases = "container kill",
	.group = GROUP_LIFE,
	.usage = "[OPTIONS] CONTAINER [CONTAINER...] | --all",
	.summary = "Send a signal to running containers",
	.example = "minictr kill --signal HUP web",
	.takes = TAKES_RUNNING,
	.max_args = ANY_ARGS,
	.options = options,
	.values_size = sizeof(struct kill_values),
	.run = kill_run,
};
