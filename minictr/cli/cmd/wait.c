/*
 * cmd/wait.c - `wait`: until containers end; prints their exit codes.
 */
#include "cli/commands.h"
#include "cli/engine_use.h"
#include "engine/stop.h"

static int run(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	_cleanup_engine_ struct engine e = { 0 };
	int status = 0, rc = use_engine(cli, &e, err);
	if (rc < 0)
		return rc;
	for (int i = 0; i < argc; i++) {
		struct mc_err one = { 0 };
		int code;
		if (container_wait(&e, argv[i], WAIT_NOT_RUNNING, &code, &one) < 0) {
			err_print(&one, "minictr");
			status = 1;
			continue;
		}
		printf("%d\n", code);
		fflush(stdout);
	}
	return status;
}

const struct command cmd_wait = {
	.name = "wait",
	.aliases = "container wait",
	.group = GROUP_LIFE,
	.usage = "CONTAINER [CONTAINER...]",
	.summary = "Wait until containers end, print their exit codes",
	.example = "minictr wait web",
	.takes = TAKES_RUNNING,
	.min_args = 1,
	.max_args = ANY_ARGS,
	.run = run,
};
