/*
 * cmd/start.c - `start`: runs a container that exists. With -a it stays until the end, as `run` does.
 */
#include "cli/client_config.h"
#include "cli/commands.h"
#include "cli/engine_use.h"
#include "cli/verbs.h"
#include "engine/client_terminal.h"
#include "engine/start.h"

static const struct option_def options[] = {
	{ 'a', "attach", OPT_FLAG, offsetof(struct start_values, attach), NULL,
		"Show its output and wait for the end" },
	{ 0, "detach-keys", OPT_STRING, offsetof(struct start_values, detach_keys), "string",
		"Keys that detach (ctrl-p,ctrl-q)" },
	{ 'i', "interactive", OPT_FLAG, offsetof(struct start_values, interactive), NULL, "Pass stdin on" },
	{ 0 },
};

static int start_one(struct engine *e, const char *name, const void *values, struct mc_err *err)
{
	const struct start_options o = { .sig_proxy = true };
	int exit_code;
	return container_start(e, name, &o, &exit_code, err);
}

static int start_run(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct start_values *v = values;
	_cleanup_free_ char *own = v->detach_keys ? NULL : client_config("detachKeys");
	struct detach_keys keys;
	if (v->detach_keys && detach_parse(&keys, v->detach_keys, err) < 0)
		return err_exit(err, 125);
	if (!v->attach && !v->interactive)
		return each_name(cli, argc, argv, start_one, v, err);
	if (argc > 1)
		return err_set(err, EINVAL, "you cannot start and attach multiple containers at once");
	_cleanup_engine_ struct engine e = { 0 };
	const struct start_options o = { .attach = true,
		.interactive = v->interactive,
		.sig_proxy = true,
		.detach_keys = v->detach_keys ? v->detach_keys : own };
	int exit_code = 0, rc = use_engine(cli, &e, err);
	if (rc == 0)
		rc = container_start(&e, argv[0], &o, &exit_code, err);
	if (rc < 0)
		/* docker's: 126 and 127 are run's own */
		err_exit(err, 1);
	return rc < 0 ? rc : exit_code;
}

const struct command cmd_start = {
	.name = "start",
	.aliases = "container start",
	.group = GROUP_LIFE,
	.usage = "[OPTIONS] CONTAINER [CONTAINER...]",
	.summary = "Start containers that exist",
	.example = "minictr start web",
	.takes = TAKES_CONTAINERS,
	.min_args = 1,
	.max_args = ANY_ARGS,
	.options = options,
	.values_size = sizeof(struct start_values),
	.run = start_run,
};
