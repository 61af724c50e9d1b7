/*
 * cmd/rm.c - `rm`: the record, the log and the writable layer go. What was written in the container is
 * lost; volumes and the image stay.
 */
#include "cli/commands.h"
#include "cli/engine_use.h"
#include "cli/verbs.h"
#include "engine/stop.h"

static const struct option_def options[] = {
	{ 'a', "all", OPT_FLAG, offsetof(struct rm_values, all), NULL,
		"All of them; those that run with --force only" },
	{ 'f', "force", OPT_FLAG, offsetof(struct rm_values, force), NULL, "Kill it first when it runs" },
	{ 'v', "volumes", OPT_FLAG, offsetof(struct rm_values, volumes), NULL, "Its anonymous volumes too" },
	{ 0 },
};

static int remove_one(struct engine *e, const char *name, const void *values, struct mc_err *err)
{
	const struct rm_values *v = values;
	int rc = container_remove(
		e, name, (v->force ? REMOVE_FORCE : 0) | (v->volumes ? REMOVE_VOLUMES : 0), err);
	if (rc == -ENOENT && v->force) { /* docker: `rm -f` of what is not there says so and succeeds */
		err_print(err, "minictr");
		return EACH_UNSAID;
	}
	return rc;
}

static int rm_run(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct rm_values *v = values;
	_cleanup_strv_ char **names = NULL;
	int rc = names_or_all(cli, v->all, argc, argv, container_any, &names, err);
	return rc < 0 ? rc : each_name(cli, (int)strv_len(names), names, remove_one, values, err);
}

const struct command cmd_rm = {
	.name = "rm",
	.aliases = "container rm, container remove",
	.group = GROUP_LIFE,
	.usage = "[OPTIONS] CONTAINER [CONTAINER...] | --all",
	.summary = "Remove containers",
	.example = "minictr rm -f web",
	.takes = TAKES_CONTAINERS,
	.max_args = ANY_ARGS,
	.options = options,
	.values_size = sizeof(struct rm_values),
	.run = rm_run,
};
