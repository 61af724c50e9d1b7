/*
 * cmd/attach.c - `attach`: our terminal becomes (one of) the container's. Several may be attached at once;
 * ctrl-p ctrl-q leaves.
 */
#include "cli/client_config.h"
#include "cli/commands.h"
#include "cli/engine_use.h"
#include "cli/verbs.h"
#include "engine/attach.h"

static const struct attach_values defaults = { .sig_proxy = true };

static const struct option_def options[] = {
	{ 0, "detach-keys", OPT_STRING, offsetof(struct attach_values, detach_keys), "string",
		"Keys that detach (ctrl-p,ctrl-q)" },
	{ 0, "no-stdin", OPT_FLAG, offsetof(struct attach_values, no_stdin), NULL, "Only look" },
	{ 0, "sig-proxy", OPT_FLAG, offsetof(struct attach_values, sig_proxy), NULL,
		"Pass signals on to the program (default true)" },
	{ 0 },
};

static int attach_run(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct attach_values *v = values;
	_cleanup_engine_ struct engine e = { 0 };
	_cleanup_free_ char *own = v->detach_keys ? NULL : client_config("detachKeys");
	const struct attach_options o = { .no_stdin = v->no_stdin,
		.sig_proxy = v->sig_proxy,
		.detach_keys = v->detach_keys ? v->detach_keys : own };
	int exit_code = 0, rc = use_engine(cli, &e, err);
	if (rc == 0)
		rc = container_attach(&e, argv[0], &o, &exit_code, err);
	return rc < 0 ? rc : exit_code;
}

const struct command cmd_attach = {
	.name = "attach",
	.aliases = "container attach",
	.group = GROUP_RUN,
	.usage = "[OPTIONS] CONTAINER",
	.summary = "Put your terminal on a running container's program",
	.example = "minictr attach web",
	.takes = TAKES_RUNNING,
	.min_args = 1,
	.max_args = 1,
	.options = options,
	.values_size = sizeof(struct attach_values),
	.defaults = &defaults,
	.run = attach_run,
};
