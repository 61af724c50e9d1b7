/*
 * cmd/logs.c - `logs`: what a container's program wrote, also after its end and when it is broken.
 */
#include "cli/commands.h"
#include "cli/engine_use.h"
#include "cli/verbs.h"
#include "engine/logs.h"

static const struct option_def options[] = {
	{ 0, "details", OPT_FLAG, offsetof(struct logs_values, details), NULL,
		"What --log-opt kept beside each line: nothing here, so a blank" },
	{ 'f', "follow", OPT_FLAG, offsetof(struct logs_values, follow), NULL, "Go on with what comes" },
	{ 0, "names", OPT_FLAG, offsetof(struct logs_values, names), NULL,
		"The container's name before each line" },
	{ 0, "since", OPT_STRING, offsetof(struct logs_values, since), "string",
		"From this time on: 10m (ago), 2024-01-02T15:04:05Z" },
	{ 'n', "tail", OPT_STRING, offsetof(struct logs_values, tail), "string",
		"Only the last lines (all)" },
	{ 't', "timestamps", OPT_FLAG, offsetof(struct logs_values, timestamps), NULL,
		"Each line with its time" },
	{ 0, "until", OPT_STRING, offsetof(struct logs_values, until), "string", "Up to this time" },
	{ 0 },
};

static int fill(const struct logs_values *v, struct logs_options *o, struct mc_err *err)
{
	int rc = 0;
	if (v->tail && !str_eq(v->tail, "all") && (parse_i64(v->tail, &o->tail) < 0 || o->tail < -1))
		return err_set(err, EINVAL, "invalid value for --tail: '%s': a number or 'all'", v->tail);
	if (v->since)
		rc = logs_parse_time(v->since, &o->since, err);
	if (rc == 0 && v->until)
		rc = logs_parse_time(v->until, &o->until, err);
	return rc;
}

static int logs_run(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct logs_values *v = values;
	_cleanup_engine_ struct engine e = { 0 };
	struct logs_options o = { .follow = v->follow,
		.timestamps = v->timestamps,
		.details = v->details,
		.names = v->names,
		.tail = -1 };
	int rc = fill(v, &o, err);
	if (rc == 0 && v->follow && argc > 1) {
		err_set(err, EINVAL, "--follow goes on with one container");
		return err_hint(err, "without --follow several are shown one after the other");
	}
	if (rc == 0)
		rc = use_engine(cli, &e, err);
	for (int i = 0; rc == 0 && i < argc; i++)
		rc = container_logs_print(&e, argv[i], &o, err);
	return rc;
}

const struct command cmd_logs = {
	.name = "logs",
	.aliases = "container logs",
	.group = GROUP_LOOK,
	.usage = "[OPTIONS] CONTAINER [CONTAINER...]",
	.summary = "Show what a container has written",
	.example = "minictr logs -f --tail 20 web",
	.takes = TAKES_CONTAINERS,
	.min_args = 1,
	.max_args = ANY_ARGS,
	.options = options,
	.values_size = sizeof(struct logs_values),
	.run = logs_run,
};
