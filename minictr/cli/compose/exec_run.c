/*
 * compose/exec_run.c - `compose exec` in a container that runs, `compose run` in a new one beside the
 * service's own.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "cli/compose/compose.h"
#include "compose/canon.h"
#include "compose/resources.h"
#include "base/tool.h"
#include "engine/create.h"
#include "engine/run.h"
#include "engine/start.h"
#include "engine/stop.h"

/* --- exec --- */

struct exec_values {
	bool detach, no_tty, privileged, interactive;
	char **env;
	const char *user, *workdir;
	int index;
};

static const struct exec_values exec_defaults = { .interactive = true };

static const struct option_def exec_options[] = {
	{ 'd', "detach", OPT_FLAG, offsetof(struct exec_values, detach), NULL, "In the background" },
	{ 'e', "env", OPT_LIST, offsetof(struct exec_values, env), "list", "Environment" },
	{ 0, "index", OPT_INT, offsetof(struct exec_values, index), "number",
		"Which container of the service" },
	{ 'i', "interactive", OPT_FLAG, offsetof(struct exec_values, interactive), NULL, NULL },
	{ 'T', "no-TTY", OPT_FLAG, offsetof(struct exec_values, no_tty), NULL, "Without a terminal" },
	{ 0, "privileged", OPT_FLAG, offsetof(struct exec_values, privileged), NULL,
		"With all capabilities" },
	{ 'u', "user", OPT_STRING, offsetof(struct exec_values, user), "string", "As this user" },
	{ 'w', "workdir", OPT_STRING, offsetof(struct exec_values, workdir), "string", "In this directory" },
	{ 0 },
};

static int compose_cmd_exec(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct exec_values *v = values;
	_cleanup_engine_ struct engine e = { 0 };
	_cleanup_project_ struct project p = { 0 };
	_cleanup_free_ char *name = NULL;
	_cleanup_strv_ char **words = NULL;
	int rc = compose_open_name(cli, &e, &p, err);
	if (rc >= 0)
		rc = compose_container(&e, &p, argv[0], v->index, &name, err);
	if (rc < 0)
		return rc;
	strv_push(&words, "exec");
	if (v->detach)
		strv_push(&words, "-d");
	else if (v->interactive)
		strv_push(&words, !v->no_tty && isatty(0) && isatty(1) ? "-it" : "-i");
	if (v->privileged)
		strv_push(&words, "--privileged");
	compose_flag(&words, "-u", v->user);
	compose_flag(&words, "-w", v->workdir);
	for (size_t i = 0; v->env && v->env[i]; i++)
		compose_flag(&words, "-e", v->env[i]);
	strv_push(&words, name);
	for (int i = 1; i < argc; i++)
		strv_push(&words, argv[i]);
	return compose_become(words, err);
}

const struct command compose_exec = {
	.name = "exec",
	.group = GROUP_RUN,
	.usage = "[OPTIONS] SERVICE COMMAND [ARGS...]",
	.summary = "Run a command in a running container",
	.example = "minictr compose exec db sh",
	.options = exec_options,
	.defaults = &exec_defaults,
	.values_size = sizeof(struct exec_values),
	.min_args = 2,
	.max_args = ANY_ARGS,
	.stop_at_operand = true,
	.run = compose_cmd_exec,
};

/* --- run --- */

struct run_values {
	bool detach, rm, no_tty, no_deps, service_ports, use_aliases, build, interactive, quiet_pull, orphans;
	char **env, **labels, **publish, **volumes, **cap_add, **cap_drop;
	const char *name, *user, *workdir, *entrypoint;
};

static const struct run_values run_defaults = { .interactive = true };

static const struct option_def run_options[] = {
	{ 0, "build", OPT_FLAG, offsetof(struct run_values, build), NULL, "Build the image first" },
	{ 0, "cap-add", OPT_LIST, offsetof(struct run_values, cap_add), "list", "Add capabilities" },
	{ 0, "cap-drop", OPT_LIST, offsetof(struct run_values, cap_drop), "list", "Drop capabilities" },
	{ 'd', "detach", OPT_FLAG, offsetof(struct run_values, detach), NULL,
		"In the background; prints the name" },
	{ 0, "entrypoint", OPT_STRING, offsetof(struct run_values, entrypoint), "command",
		"Instead of the service's" },
	{ 'e', "env", OPT_LIST, offsetof(struct run_values, env), "list", "Environment" },
	{ 'i', "interactive", OPT_FLAG, offsetof(struct run_values, interactive), NULL,
		"Keep standard input open (default true)" },
	{ 'l', "label", OPT_LIST, offsetof(struct run_values, labels), "list", "Labels" },
	{ 0, "name", OPT_STRING, offsetof(struct run_values, name), "string", "Name of the container" },
	{ 'T', "no-TTY", OPT_FLAG, offsetof(struct run_values, no_tty), NULL, "Without a terminal" },
	{ 0, "no-deps", OPT_FLAG, offsetof(struct run_values, no_deps), NULL, "Start nothing that it needs" },
	{ 'p', "publish", OPT_LIST, offsetof(struct run_values, publish), "list", "Publish ports" },
	{ 0, "quiet-pull", OPT_FLAG, offsetof(struct run_values, quiet_pull), NULL, "Pull without progress" },
	{ 0, "remove-orphans", OPT_FLAG, offsetof(struct run_values, orphans), NULL, NULL },
	{ 0, "rm", OPT_FLAG, offsetof(struct run_values, rm), NULL, "Remove it when it ends" },
	{ 'P', "service-ports", OPT_FLAG, offsetof(struct run_values, service_ports), NULL,
		"Publish the service's ports" },
	{ 0, "use-aliases", OPT_FLAG, offsetof(struct run_values, use_aliases), NULL,
		"With the service's names on its networks" },
	{ 'u', "user", OPT_STRING, offsetof(struct run_values, user), "string", "As this user" },
	{ 'v', "volume", OPT_LIST, offsetof(struct run_values, volumes), "list", "Mount more" },
	{ 'w', "workdir", OPT_STRING, offsetof(struct run_values, workdir), "string", "In this directory" },
	{ 0 },
};

static void run_put(char **field, const char *value)
{
	if (value) {
		free(*field);
		*field = xstrdup(value);
	}
}

static void run_more(char ***field, char *const more[])
{
	for (size_t i = 0; more && more[i]; i++)
		strv_push(field, more[i]);
}

/*
 * The words replace the command, --entrypoint the entrypoint; its text is split as the file's would be. That
 * is done in the model, where the two are still apart: an entrypoint of several words stays whole.
 */
static int run_words(
	const struct run_values *v, struct yaml *service, int argc, char **argv, struct mc_err *err)
{
	if (v->entrypoint || argc > 1)
		ynode_unset(service, "command");
	if (argc > 1) {
		struct yaml *list = ynode_set(service, "command", ynode_new(YAML_LIST, service));
		for (int i = 1; i < argc; i++)
			ynode_add(list, ynode_new_text(argv[i], service));
	}
	if (!v->entrypoint)
		return 0;
	struct yaml *words = ynode_new_text(v->entrypoint, service);
	int rc = canon_command(&(struct canon){ 0 }, &words, "--entrypoint", err);
	ynode_set(service, "entrypoint", words);
	return rc;
}

static void run_apply(
	const struct run_values *v, const struct project *p, int argc, char **argv, struct run_options *o)
{
	char hex[13];
	random_hex(hex, 6);
	free(o->name);
	o->name = v->name ? xstrdup(v->name) : xasprintf("%s-%s-run-%s", p->name, argv[0], hex);
	run_put(&o->user, v->user);
	run_put(&o->workdir, v->workdir);
	for (size_t i = 0; v->env && v->env[i]; i++)
		strv_env_set(&o->env, v->env[i]);
	run_more(&o->labels, v->labels);
	run_more(&o->publish, v->publish);
	run_more(&o->volumes, v->volumes);
	run_more(&o->cap_add, v->cap_add);
	run_more(&o->cap_drop, v->cap_drop);
	free(take_ptr(&o->restart));
	o->rm = v->rm;
	o->detach = v->detach;
	o->interactive = v->interactive && !v->detach;
	o->tty = !v->no_tty && !v->detach && isatty(0) && isatty(1);
}

/* What the service needs, up and in the state it needs it in. */
static int run_dependencies(struct engine *e, struct project *p, const struct run_values *v,
	const char *service, struct board *b, struct mc_err *err)
{
	const struct yaml *needs = ynode_get(ynode_get(p->services, service), "depends_on");
	_cleanup_strv_ char **names = NULL;
	for (size_t i = 0; needs && i < needs->n; i++)
		strv_push(&names, needs->keys[i]);
	struct up_options o = { .services = names, .timeout = -1, .wait = true };
	int rc = names && !v->no_deps ? project_up(e, p, &o, b, NULL, err) : 0;
	if (rc >= 0)
		rc = networks_make(e, p, b, err);
	return rc < 0 ? rc : volumes_make_all(e, p, b, err);
}

static int compose_cmd_run(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct run_values *v = values;
	_cleanup_engine_ struct engine e = { 0 };
	_cleanup_project_ struct project p = { 0 };
	char *const only[] = { argv[0], NULL };
	char id[CONTAINER_ID_LEN + 1];
	struct run_options o;
	struct board b;
	int code = 0,
	    rc = v->orphans ? compose_refuse_orphans("run", err) : compose_open(cli, only, &e, &p, err);
	const struct yaml *known;
	if (rc >= 0)
		rc = project_service(&p, argv[0], &known, err);
	if (rc < 0)
		return rc;
	struct up_options up = {
		.services = only, .build = v->build, .quiet_pull = v->quiet_pull, .timeout = -1
	};
	compose_board(cli, &b, &p);
	rc = images_prepare(&e, &p, &up, only, &b, err);
	if (rc >= 0)
		rc = run_dependencies(&e, &p, v, argv[0], &b, err);
	board_close(&b);
	run_options_init(&o);
	if (rc >= 0)
		rc = run_words(v, ynode_get(p.services, argv[0]), argc, argv, err);
	if (rc >= 0)
		rc = service_options(&e, &p, argv[0], 1, !v->service_ports && !v->use_aliases, &o, err);
	if (rc >= 0) {
		for (size_t i = 0; o.labels[i]; i++)
			if (str_starts(o.labels[i], label_oneoff)) {
				free(o.labels[i]);
				o.labels[i] = xasprintf("%s=True", label_oneoff);
			}
		if (!v->service_ports) {
			strv_free(o.publish);
			o.publish = NULL;
		}
		run_apply(v, &p, argc, argv, &o);
		rc = container_run(&e, &o, id, &code, err);
	}
	if (rc >= 0 && v->detach)
		printf("%s\n", o.name);
	run_options_release(&o);
	return rc < 0 ? rc : code;
}

const struct command compose_run = {
	.name = "run",
	.group = GROUP_RUN,
	.usage = "[OPTIONS] SERVICE [COMMAND] [ARGS...]",
	.summary = "Run a one-off command in a new container of a service",
	.example = "minictr compose run --rm web sh",
	.options = run_options,
	.defaults = &run_defaults,
	.values_size = sizeof(struct run_values),
	.min_args = 1,
	.max_args = ANY_ARGS,
	.stop_at_operand = true,
	.run = compose_cmd_run,
};
