/*
 * compose/pass.c - verbs that are one command of minictr with the project's names put in: events, port, cp,
 * attach, stats, volumes. This process becomes that command (execve(2)), so that a terminal and signals
 * reach it alone.
 */
#include <stdio.h>

#include "cli/compose/compose.h"

struct events_values {
	bool json;
};

static const struct option_def events_options[] = {
	{ 0, "json", OPT_FLAG, offsetof(struct events_values, json), NULL, "One JSON object a line" },
	{ 0 },
};

static int compose_cmd_events(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct events_values *v = values;
	_cleanup_engine_ struct engine e = { 0 };
	_cleanup_project_ struct project p = { 0 };
	int rc = compose_open_name(cli, &e, &p, err);
	if (rc < 0)
		return rc;
	_cleanup_free_ char *filter = xasprintf("label=%s=%s", label_project, p.name);
	char *const words[] = { (char *)"events", (char *)"--filter", filter,
		v->json ? (char *)"--format" : NULL, (char *)"json", NULL };
	return compose_become(words, err);
}

const struct command compose_events = {
	.name = "events",
	.group = GROUP_LOOK,
	.usage = "[OPTIONS]",
	.summary = "Show what happens to the project's containers",
	.example = "minictr compose events",
	.options = events_options,
	.values_size = sizeof(struct events_values),
	.run = compose_cmd_events,
};

struct port_values {
	int index;
	const char *protocol;
};

static const struct option_def port_options[] = {
	{ 0, "index", OPT_INT, offsetof(struct port_values, index), "number",
		"Which container of the service" },
	{ 0, "protocol", OPT_STRING, offsetof(struct port_values, protocol), "string",
		"tcp (default) or udp" },
	{ 0 },
};

static int compose_cmd_port(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct port_values *v = values;
	_cleanup_engine_ struct engine e = { 0 };
	_cleanup_project_ struct project p = { 0 };
	_cleanup_free_ char *name = NULL;
	int rc = compose_open_name(cli, &e, &p, err);
	if (rc >= 0)
		rc = compose_container(&e, &p, argv[0], v->index, &name, err);
	if (rc < 0)
		return rc;
	_cleanup_free_ char *port = xasprintf("%s/%s", argv[1], v->protocol ? v->protocol : "tcp");
	char *const words[] = { (char *)"port", name, port, NULL };
	return compose_become(words, err);
}

const struct command compose_port = {
	.name = "port",
	.group = GROUP_LOOK,
	.usage = "[OPTIONS] SERVICE PORT",
	.summary = "Print the host's port of a published port",
	.example = "minictr compose port web 80",
	.options = port_options,
	.values_size = sizeof(struct port_values),
	.min_args = 2,
	.max_args = 2,
	.run = compose_cmd_port,
};

struct cp_values {
	bool archive, follow;
	int index;
};

static const struct option_def cp_options[] = {
	{ 'a', "archive", OPT_FLAG, offsetof(struct cp_values, archive), NULL, "Keep owners and groups" },
	{ 'L', "follow-link", OPT_FLAG, offsetof(struct cp_values, follow), NULL,
		"Copy what a link points at" },
	{ 0, "index", OPT_INT, offsetof(struct cp_values, index), "number",
		"Which container of the service" },
	{ 0 },
};

/* "web:/etc/x" is in a container of web: the one of that number, or the first. Caller frees. */
static int cp_side(struct engine *e, const struct project *p, const char *text, int index, char **ret,
	struct mc_err *err)
{
	const char *colon = strchr(text, ':');
	_cleanup_free_ char *service = colon && *text != '/' && *text != '.'
					       ? xstrndup(text, (size_t)(colon - text))
					       : NULL,
			    *name = NULL;
	if (!service) {
		*ret = xstrdup(text);
		return 0;
	}
	int rc = compose_container(e, p, service, index, &name, err);
	if (rc >= 0)
		*ret = xasprintf("%s%s", name, colon);
	return rc;
}

static int compose_cmd_cp(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct cp_values *v = values;
	_cleanup_engine_ struct engine e = { 0 };
	_cleanup_project_ struct project p = { 0 };
	_cleanup_free_ char *from = NULL, *to = NULL;
	int rc = compose_open_name(cli, &e, &p, err);
	if (rc >= 0)
		rc = cp_side(&e, &p, argv[0], v->index, &from, err);
	if (rc >= 0)
		rc = cp_side(&e, &p, argv[1], v->index, &to, err);
	if (rc < 0)
		return rc;
	_cleanup_strv_ char **words = NULL;
	strv_push(&words, "cp");
	if (v->archive)
		strv_push(&words, "-a");
	if (v->follow)
		strv_push(&words, "-L");
	strv_push(&words, from);
	strv_push(&words, to);
	return compose_become(words, err);
}

const struct command compose_cp = {
	.name = "cp",
	.group = GROUP_LOOK,
	.usage = "[OPTIONS] SERVICE:SOURCE TARGET | SOURCE SERVICE:TARGET",
	.summary = "Copy files between a service's container and the host",
	.example = "minictr compose cp web:/etc/hosts .",
	.options = cp_options,
	.values_size = sizeof(struct cp_values),
	.min_args = 2,
	.max_args = 2,
	.run = compose_cmd_cp,
};

struct attach_values {
	bool no_stdin, sig_proxy;
	const char *detach_keys;
	int index;
};

static const struct attach_values attach_defaults = { .sig_proxy = true };

static const struct option_def attach_options[] = {
	{ 0, "detach-keys", OPT_STRING, offsetof(struct attach_values, detach_keys), "string",
		"Keys that detach (ctrl-p,ctrl-q)" },
	{ 0, "index", OPT_INT, offsetof(struct attach_values, index), "number",
		"Which container of the service" },
	{ 0, "no-stdin", OPT_FLAG, offsetof(struct attach_values, no_stdin), NULL, "Only look" },
	{ 0, "sig-proxy", OPT_FLAG, offsetof(struct attach_values, sig_proxy), NULL,
		"Hand signals on to the program (default true)" },
	{ 0 },
};

static int compose_cmd_attach(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct attach_values *v = values;
	_cleanup_engine_ struct engine e = { 0 };
	_cleanup_project_ struct project p = { 0 };
	_cleanup_free_ char *name = NULL;
	_cleanup_strv_ char **words = NULL;
	int rc = compose_open_name(cli, &e, &p, err);
	if (rc >= 0)
		rc = compose_container(&e, &p, argv[0], v->index, &name, err);
	if (rc < 0)
		return rc;
	strv_push(&words, "attach");
	compose_flag(&words, "--detach-keys", v->detach_keys);
	if (v->no_stdin)
		strv_push(&words, "--no-stdin");
	if (!v->sig_proxy)
		strv_push(&words, "--sig-proxy=false");
	strv_push(&words, name);
	return compose_become(words, err);
}

const struct command compose_attach = {
	.name = "attach",
	.group = GROUP_RUN,
	.usage = "[OPTIONS] SERVICE",
	.summary = "Connect this terminal to the program of a service",
	.example = "minictr compose attach web",
	.options = attach_options,
	.defaults = &attach_defaults,
	.values_size = sizeof(struct attach_values),
	.min_args = 1,
	.max_args = 1,
	.run = compose_cmd_attach,
};

struct stats_values {
	bool all, no_stream, no_trunc;
	const char *format;
};

static const struct option_def stats_options[] = {
	{ 'a', "all", OPT_FLAG, offsetof(struct stats_values, all), NULL, "Stopped ones, too" },
	{ 0, "format", OPT_STRING, offsetof(struct stats_values, format), "string",
		"'table', 'json' or a template" },
	{ 0, "no-stream", OPT_FLAG, offsetof(struct stats_values, no_stream), NULL, "One look, and end" },
	{ 0, "no-trunc", OPT_FLAG, offsetof(struct stats_values, no_trunc), NULL, "Nothing shortened" },
	{ 0 },
};

/* Those that run. Without a name `stats` shows all of the machine, so none of the project is an error. */
static int compose_cmd_stats(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct stats_values *v = values;
	_cleanup_engine_ struct engine e = { 0 };
	_cleanup_project_ struct project p = { 0 };
	_cleanup_strv_ char **names = NULL, **words = NULL;
	int rc = compose_open_name(cli, &e, &p, err);
	if (rc >= 0)
		rc = compose_containers(&e, &p, argv, false, &names, err);
	strv_push(&words, "stats");
	compose_flag(&words, "--format", v->format);
	if (v->no_stream)
		strv_push(&words, "--no-stream");
	if (v->no_trunc)
		strv_push(&words, "--no-trunc");
	size_t flags = strv_len(words);
	for (size_t i = 0; rc >= 0 && names && names[i]; i++) {
		_cleanup_container_ struct container c = { 0 };
		struct mc_err gone = { 0 };
		if (container_find(&e, names[i], &c, &gone) >= 0 && (v->all || container_is_active(&c)))
			strv_push(&words, names[i]);
	}
	if (rc >= 0 && strv_len(words) == flags)
		rc = err_set(err, ENOENT, "no container of this project runs");
	return rc < 0 ? rc : compose_become(words, err);
}

const struct command compose_stats = {
	.name = "stats",
	.group = GROUP_LOOK,
	.usage = "[OPTIONS] [SERVICE...]",
	.summary = "Show what containers use of CPU, memory, network and disks",
	.example = "minictr compose stats --no-stream",
	.options = stats_options,
	.values_size = sizeof(struct stats_values),
	.max_args = ANY_ARGS,
	.run = compose_cmd_stats,
};

static int compose_cmd_volumes(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	_cleanup_engine_ struct engine e = { 0 };
	_cleanup_project_ struct project p = { 0 };
	int rc = compose_open_name(cli, &e, &p, err);
	if (rc < 0)
		return rc;
	_cleanup_free_ char *filter = xasprintf("label=%s=%s", label_project, p.name);
	char *const words[] = { (char *)"volume", (char *)"ls", (char *)"--filter", filter, NULL };
	return compose_become(words, err);
}

const struct command compose_volumes = {
	.name = "volumes",
	.group = GROUP_LOOK,
	.usage = "",
	.summary = "List the project's volumes",
	.example = "minictr compose volumes",
	.run = compose_cmd_volumes,
};

struct version_values {
	bool brief;
	const char *format;
};

static const struct option_def version_options[] = {
	{ 'f', "format", OPT_STRING, offsetof(struct version_values, format), "string",
		"pretty (default) or json" },
	{ 0, "short", OPT_FLAG, offsetof(struct version_values, brief), NULL, "The number only" },
	{ 0 },
};

static int compose_cmd_version(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct version_values *v = values;
	if (v->format && !str_eq(v->format, "pretty") && !str_eq(v->format, "json"))
		return err_set(
			err, EINVAL, "unsupported format \"%s\": known formats: pretty, json", v->format);
	printf(v->brief                     ? "%s\n"
		: str_eq(v->format, "json") ? "{\"version\":\"%s\"}\n"
					    : "minictr compose version %s\n",
		MINICTR_VERSION);
	return 0;
}

const struct command compose_version = {
	.name = "version",
	.group = GROUP_SYSTEM,
	.usage = "[OPTIONS]",
	.summary = "Print the version",
	.example = "minictr compose version --short",
	.options = version_options,
	.values_size = sizeof(struct version_values),
	.run = compose_cmd_version,
};
