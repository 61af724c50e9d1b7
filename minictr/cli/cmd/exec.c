/*
 * cmd/exec.c - `exec`: one more process in a running container: its namespaces, cgroup and root, our
 * terminal.
 */
#include "cli/client_config.h"
#include "cli/commands.h"
#include "cli/engine_use.h"
#include "cli/env_file.h"
#include "cli/verbs.h"
#include "engine/exec.h"
#include "engine/spec/options.h"

#include <unistd.h>

static const struct option_def options[] = {
	{ 'd', "detach", OPT_FLAG, offsetof(struct exec_values, detach), NULL, "Do not wait for it" },
	{ 0, "detach-keys", OPT_STRING, offsetof(struct exec_values, detach_keys), "string",
		"Keys that detach (ctrl-p,ctrl-q)" },
	{ 'e', "env", OPT_LIST, offsetof(struct exec_values, env), "list", "Set a variable" },
	{ 0, "env-file", OPT_LIST, offsetof(struct exec_values, env_files), "list",
		"Read variables from a file" },
	{ 'i', "interactive", OPT_FLAG, offsetof(struct exec_values, interactive), NULL, "Keep stdin open" },
	{ 0, "privileged", OPT_FLAG, offsetof(struct exec_values, privileged), NULL,
		"All capabilities for this process" },
	{ 't', "tty", OPT_FLAG, offsetof(struct exec_values, tty), NULL, "Give it a terminal" },
	{ 'u', "user", OPT_STRING, offsetof(struct exec_values, user), "string", "User: name or id[:group]" },
	{ 'w', "workdir", OPT_STRING, offsetof(struct exec_values, workdir), "string",
		"Directory it starts in" },
	{ 0 },
};

/* The words that exec shares with run mean the same and are refused alike. */
static int check_words(const struct exec_values *v, struct mc_err *err)
{
	struct run_options o = RUN_OPTIONS_DEFAULT;
	o.env = v->env; /* only read */
	o.user = (char *)v->user;
	o.workdir = (char *)v->workdir;
	o.detach_keys = (char *)v->detach_keys;
	return options_check(&o, err);
}

static int exec_run(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct exec_values *v = values;
	_cleanup_engine_ struct engine e = { 0 };
	_cleanup_strv_ char **env = NULL;
	_cleanup_free_ char *own_keys = v->detach_keys || !v->tty ? NULL : client_config("detachKeys");
	int exit_code = 0, rc;
	if (v->tty && v->interactive && !v->detach && !isatty(STDIN_FILENO)) {
		err_set(err, ENOTTY, "the input device is not a TTY");
		return err_hint(err, "leave -t out in scripts and pipes: exec -i ...");
	}
	rc = check_words(v, err);
	if (rc == 0)
		rc = read_env_files(v->env_files, &env, err);
	for (size_t i = 0; v->env && v->env[i]; i++)
		strv_push(&env, v->env[i]);
	const struct exec_options o = {
		.command = argv + 1,
		.env = env,
		.user = v->user,
		.workdir = v->workdir,
		.detach_keys = v->detach_keys ? v->detach_keys : own_keys,
		.tty = v->tty,
		.interactive = v->interactive,
		.detach = v->detach,
		.privileged = v->privileged,
	};
	if (rc == 0)
		rc = use_engine(cli, &e, err);
	if (rc == 0)
		rc = container_exec(&e, argv[0], &o, &exit_code, err);
	return rc < 0 ? rc : exit_code;
}

const struct command cmd_exec = {
	.name = "exec",
	.aliases = "container exec",
	.group = GROUP_RUN,
	.usage = "[OPTIONS] CONTAINER COMMAND [ARG...]",
	.summary = "Run one more program in a running container",
	.example = "minictr exec -it web sh",
	.takes = TAKES_RUNNING,
	.min_args = 2,
	.max_args = ANY_ARGS,
	.stop_at_operand = true,
	.options = options,
	.values_size = sizeof(struct exec_values),
	.run = exec_run,
};
