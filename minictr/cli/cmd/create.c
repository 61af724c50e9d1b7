/*
 * cmd/create.c - `create`: all of `run` but the running. `start` does the rest.
 */
#include "cli/commands.h"
#include "cli/run_flags.h"
#include "engine/create.h"

static int create_run(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	struct run_values *v = (struct run_values *)values;
	_cleanup_engine_ struct engine e = { 0 };
	char id[CONTAINER_ID_LEN + 1];
	int rc = run_options_fill(v, argc, argv, err);
	if (rc == 0)
		rc = use_engine(cli, &e, err);
	if (rc == 0)
		rc = run_replace(&e, v, err);
	if (rc == 0)
		rc = container_create(&e, &v->o, id, err);
	if (rc < 0)
		return rc;
	printf("%s\n", id);
	return 0;
}

const struct command cmd_create = {
	.name = "create",
	.aliases = "container create",
	.group = GROUP_LIFE,
	.usage = "[OPTIONS] IMAGE [COMMAND] [ARG...]",
	.summary = "Make a container without starting it",
	.example = "minictr create --name web busybox httpd -f -p 8080 -h /\nminictr start web",
	.takes = TAKES_IMAGES,
	.min_args = 1,
	.max_args = ANY_ARGS,
	.stop_at_operand = true,
	.error_status = 1,
	.options = run_flags,
	.values_size = sizeof(struct run_values),
	.defaults = &run_defaults,
	.run = create_run,
};
