/*
 * cmd/run.c - `run`: from the words a person typed to the exit code of the program in the container.
 *
 * Order: flags became struct run_options (run_flags.c); the engine fetches a missing image, creates, starts
 * and attaches in one call (engine/run.h). Exit status: the program's own, 125 when the engine failed, 126
 * and 127 when the program could not be executed or was not found.
 */
#include "cli/commands.h"
#include "cli/run_flags.h"

static int run_run(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	struct run_values *v = (struct run_values *)values; /* ours to complete: the caller frees its lists */
	_cleanup_engine_ struct engine e = { 0 };
	char id[CONTAINER_ID_LEN + 1];
	int exit_code = 0;
	int rc = run_options_fill(v, argc, argv, err);
	if (rc == 0)
		rc = use_engine(cli, &e, err);
	if (rc == 0)
		rc = run_replace(&e, v, err);
	if (rc == 0)
		rc = container_run(&e, &v->o, id, &exit_code, err);
	if (rc < 0)
		return rc;
	if (v->o.detach)
		printf("%s\n", id);
	return exit_code;
}

const struct command cmd_run = {
	.name = "run",
	.aliases = "container run",
	.group = GROUP_RUN,
	.usage = "[OPTIONS] IMAGE [COMMAND] [ARG...]",
	.summary = "Make a container of an image and run a program in it",
	.example = "minictr run -it --rm busybox sh\n"
		   "minictr run -d --name web --memory 64m busybox httpd -f -p 8080 -h /",
	.takes = TAKES_IMAGES,
	.min_args = 1,
	.max_args = ANY_ARGS,
	.stop_at_operand = true,
	.error_status = 125,
	.options = run_flags,
	.values_size = sizeof(struct run_values),
	.defaults = &run_defaults,
	.run = run_run,
};
