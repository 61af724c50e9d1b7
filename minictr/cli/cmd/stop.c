/*
 * cmd/stop.c - `stop` and `restart`: ask by the stop signal, wait, then kill (signal(7): SIGKILL cannot be
 * refused).
 */
#include "cli/commands.h"
#include "cli/engine_use.h"
#include "cli/verbs.h"
#include "engine/run.h"
#include "engine/stop.h"

static const struct stop_values defaults = { .seconds = STOP_DEFAULT };

static const struct option_def options[] = {
	{ 'a', "all", OPT_FLAG, offsetof(struct stop_values, all), NULL, "All that run" },
	{ 's', "signal", OPT_STRING, offsetof(struct stop_values, signal), "string",
		"Signal to ask with (SIGTERM)" },
	{ 't', "timeout", OPT_INT, offsetof(struct stop_values, seconds), "int",
		"Seconds to wait before killing it (10); -1 waits for ever" },
	{ 0, "time", OPT_INT, offsetof(struct stop_values, seconds), "int", NULL },
	{ 0 },
};

static int stop_one(struct engine *e, const char *name, const void *values, struct mc_err *err)
{
	const struct stop_values *v = values;
	return container_stop(e, name, v->signal, v->seconds, err);
}

static int restart_one(struct engine *e, const char *name, const void *values, struct mc_err *err)
{
	const struct stop_values *v = values;
	return container_restart(e, name, v->signal, v->seconds, err);
}

/* docker's -1 waits for ever; less than that means nothing. */
static int check_seconds(const struct stop_values *v, struct mc_err *err)
{
	if (v->seconds == STOP_DEFAULT || v->seconds >= -1)
		return 0;
	err_set(err, EINVAL,
		"invalid argument \"%d\" for \"-t, --timeout\" flag: expected a number of seconds, or -1",
		v->seconds);
	return err_exit(err, 125);
}

static int run_stop(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct stop_values *v = values;
	_cleanup_strv_ char **names = NULL;
	int rc = names_or_all(cli, v->all, argc, argv, container_runs, &names, err);
	if (rc == 0)
		rc = check_seconds(v, err);
	return rc < 0 ? rc : each_name_at_once(cli, (int)strv_len(names), names, stop_one, values, err);
}

static int run_restart(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct stop_values *v = values;
	_cleanup_strv_ char **names = NULL;
	int rc = names_or_all(cli, v->all, argc, argv, container_runs, &names, err);
	if (rc == 0)
		rc = check_seconds(v, err);
	return rc < 0 ? rc : each_name_at_once(cli, (int)strv_len(names), names, restart_one, values, err);
}

const struct command cmd_stop = {
	.name = "stop",
	.aliases = "container stop",
	.group = GROUP_LIFE,
	.usage = "[OPTIONS] CONTAINER [CONTAINER...] | --all",
	.summary = "Ask running containers to end, kill them after a while",
	.example = "minictr stop -t 3 web",
	.takes = TAKES_RUNNING,
	.max_args = ANY_ARGS,
	.options = options,
	.values_size = sizeof(struct stop_values),
	.defaults = &defaults,
	.run = run_stop,
};

const struct command cmd_restart = {
	.name = "restart",
	.aliases = "container restart",
	.group = GROUP_LIFE,
	.usage = "[OPTIONS] CONTAINER [CONTAINER...] | --all",
	.summary = "Stop containers and start them again",
	.example = "minictr restart web",
	.takes = TAKES_CONTAINERS,
	.max_args = ANY_ARGS,
	.options = options,
	.values_size = sizeof(struct stop_values),
	.defaults = &defaults,
	.run = run_restart,
};
