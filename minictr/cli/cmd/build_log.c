/*
 * cmd/build_log.c - `build log`: what a build printed, shown again.
 */
#include "cli/build_log.h"
#include "cli/engine_use.h"

struct log_values {
	bool list;
};

static const struct option_def options[] = {
	{ 0, "list", OPT_FLAG, offsetof(struct log_values, list), NULL,
		"List the logs that are kept, newest first" },
	{ 0 },
};

static int build_log_run(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct log_values *v = values;
	_cleanup_engine_ struct engine e = { 0 };
	int64_t nth = 1;
	if (argc && (parse_i64(argv[0], &nth) < 0 || nth < 1 || nth > 1000))
		return err_set(err, EINVAL, "build log %s: expected a number, 1 is the newest", argv[0]);
	int rc = use_engine(cli, &e, err);
	if (rc < 0)
		return rc;
	return v->list ? build_log_list(&e, stdout, err) : build_log_print(&e, (int)nth, stdout, err);
}

const struct command cmd_build_log = {
	.name = "build log",
	.group = GROUP_IMAGES,
	.usage = "[OPTIONS] [NUMBER]",
	.summary = "Show again what a build printed",
	.example = "minictr build log\nminictr build log --list\nminictr build log 2",
	.max_args = 1,
	.options = options,
	.values_size = sizeof(struct log_values),
	.run = build_log_run,
};
