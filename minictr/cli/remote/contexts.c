/*
 * contexts.c - `minictr context create|update|use|show|ls|inspect|rm`. Files and their shape:
 * cli/context_store.h; how one is made: context_draft.c; export and import: context_archive.c.
 */
#include "cli/remote/contexts.h"
#include "cli/remote/context_draft.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/file.h"
#include "cli/context_store.h"
#include "cli/format/format.h"

extern char **environ;

struct context_values {
	const char *description, *docker, *from;
};

static const struct option_def create_options[] = {
	{ 0, "description", OPT_STRING, offsetof(struct context_values, description), "string",
		"A word about it" },
	{ 0, "docker", OPT_STRING, offsetof(struct context_values, docker), "stringToString",
		"host=tcp://HOST:PORT,ca=FILE,cert=FILE,key=FILE,skip-tls-verify=BOOL" },
	{ 0, "from", OPT_STRING, offsetof(struct context_values, from), "string",
		"Begin as a copy of this context" },
	{ 0 },
};

/* --- create, update --- */

/* "host=tcp://...,ca=FILE": one word of it. */
static int endpoint_word(struct draft *d, const char *key, const char *value, struct mc_err *err)
{
	struct json *docker = json_sub(json_sub(d->meta, "Endpoints"), "docker");
	struct endpoint e;
	if (str_eq(key, "host")) {
		json_set_string(docker, "Host", value);
		return *value ? endpoint_parse(value, &e, err) : 0;
	}
	if (str_eq(key, "skip-tls-verify")) {
		bool yes = str_eq(value, "true") || str_eq(value, "1");
		if (!yes && !str_eq(value, "false") && !str_eq(value, "0"))
			return err_set(err, EINVAL, "skip-tls-verify=%s: expected true or false", value);
		json_set_bool(docker, "SkipTLSVerify", yes);
		return 0;
	}
	for (size_t i = 0; i < CONTEXT_PEMS; i++) {
		_cleanup_free_ char *name = xasprintf("%s.pem", key);
		if (str_eq(name, context_pems[i]))
			return draft_pem_file(d, context_pems[i], value, err);
	}
	err_set(err, EINVAL, "unrecognized key \"%s\" in --docker", key);
	return err_hint(err, "known keys: host, ca, cert, key, skip-tls-verify");
}

static int endpoint_words(struct draft *d, const char *text, struct mc_err *err)
{
	_cleanup_free_ char *copy = xstrdup(text);
	char *save = NULL;
	int rc = 0;
	for (char *w = strtok_r(copy, ",", &save); w && rc >= 0; w = strtok_r(NULL, ",", &save)) {
		char *value = strchr(w, '=');
		if (!value)
			return err_set(
				err, EINVAL, "--docker %s: words look like host=tcp://HOST:PORT", text);
		*value++ = '\0';
		rc = endpoint_word(d, w, value, err);
	}
	return rc;
}

static int fill(struct draft *d, const struct context_values *v, struct mc_err *err)
{
	int rc = v->docker ? endpoint_words(d, v->docker, err) : 0;
	if (v->description)
		json_set_string(json_sub(d->meta, "Metadata"), "Description", v->description);
	return rc >= 0 ? draft_commit(d, err) : rc;
}

static int context_create(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct context_values *v = values;
	_cleanup_draft_ struct draft d = { 0 };
	int rc = context_check_name(argv[0], err);
	if (rc >= 0 && context_exists(argv[0]))
		rc = err_set(err, EEXIST, "context \"%s\" already exists", argv[0]);
	if (rc >= 0)
		rc = draft_begin(&d, argv[0], err);
	if (rc >= 0 && v->from)
		rc = draft_copy(&d, v->from, err);
	if (rc >= 0)
		rc = fill(&d, v, err);
	if (rc < 0)
		return rc;
	printf("%s\n", argv[0]);
	fprintf(stderr, "Successfully created context \"%s\"\n", argv[0]);
	return 0;
}

static int context_update(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	_cleanup_draft_ struct draft d = { 0 };
	int rc = context_check_name(argv[0], err);
	if (rc >= 0)
		rc = draft_begin(&d, argv[0], err);
	if (rc >= 0)
		rc = draft_copy(&d, argv[0], err);
	if (rc >= 0)
		rc = fill(&d, values, err);
	if (rc < 0)
		return rc;
	printf("%s\n", argv[0]);
	fprintf(stderr, "Successfully updated context \"%s\"\n", argv[0]);
	return 0;
}

/* --- use, show, ls, inspect, rm --- */

static const char *variable_host(void)
{
	static const char *const variables[] = { "MINICTR_HOST", "DOCKER_HOST" };
	for (size_t i = 0; i < ARRAY_LEN(variables); i++) {
		const char *value = getenv(variables[i]);
		if (value && *value)
			return variables[i];
	}
	return NULL;
}

static int context_use(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	_cleanup_free_ char *all = context_path(NULL), *path = xasprintf("%s/../current-context", all);
	bool none = str_eq(argv[0], "default");
	int rc = none ? 0 : context_check_name(argv[0], err);
	if (rc >= 0 && !none && !context_exists(argv[0]))
		rc = err_set(err, ENOENT, "context \"%s\": context not found", argv[0]);
	if (rc >= 0)
		rc = dir_make(AT_FDCWD, all, 0700, err);
	if (rc >= 0)
		rc = file_write_atomic(AT_FDCWD, path, argv[0], strlen(argv[0]), 0600, 0, err);
	if (rc < 0)
		return rc;
	printf("%s\n", argv[0]);
	fprintf(stderr, "Current context is now \"%s\"\n", argv[0]);
	if (variable_host())
		fprintf(stderr,
			"Warning: %s environment variable overrides the active context. To use \"%s\", unset "
			"it.\n",
			variable_host(), argv[0]);
	return 0;
}

/* The name in use: --context and MINICTR_CONTEXT, else what `use` wrote down. Caller frees. */
static char *in_use(void)
{
	const char *named = getenv("MINICTR_CONTEXT");
	_cleanup_free_ char *kept = context_current();
	if (variable_host())
		return xstrdup("default");
	return xstrdup(named && *named ? named : kept ? kept : "default");
}

static int context_show(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	_cleanup_free_ char *name = in_use();
	printf("%s\n", name);
	return 0;
}

struct context_list_values {
	const char *format;
	bool quiet;
};

static const struct option_def list_options[] = {
	{ 0, "format", OPT_STRING, offsetof(struct context_list_values, format), "string",
		"'table', 'json' or a template" },
	{ 'q', "quiet", OPT_FLAG, offsetof(struct context_list_values, quiet), NULL, "Names only" },
	{ 0 },
};

static void list_row(
	struct json *rows, const char *name, const struct json *meta, const char *error, const char *now)
{
	struct json *row = json_add(rows, json_new_object());
	const char *host = json_text_of(json_at(meta, "Endpoints.docker.Host"));
	const char *text = json_text_of(json_at(meta, "Metadata.Description"));
	_cleanup_free_ char *marked = xasprintf("%s%s", name, str_eq(name, now) ? " *" : "");
	json_set_string(row, "Name", name);
	json_set_string(row, "Shown", marked);
	json_set_string(row, "Description",
		text             ? text
		: meta || *error ? ""
				 : "The engine of this machine, without a daemon");
	json_set_string(row, "DockerEndpoint", host ? host : "");
	json_set_bool(row, "Current", str_eq(name, now));
	json_set_string(row, "Error", error);
}

static int is_context(const struct dirent *d)
{
	return context_name_ok(d->d_name) && context_exists(d->d_name);
}

static int context_ls(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	static const struct format_title titles[] = { { "Shown", "NAME" },
		{ "DockerEndpoint", "DOCKER ENDPOINT" }, { NULL, NULL } };
	const struct context_list_values *v = values;
	_cleanup_json_ struct json *rows = json_new_array();
	_cleanup_free_ char *now = in_use(), *all = context_path(NULL);
	struct dirent **names = NULL;
	list_row(rows, "default", NULL, "", now);
	int n = scandir(all, &names, is_context, alphasort);
	for (int i = 0; i < n; i++) {
		struct json *meta = NULL;
		struct mc_err bad = { 0 };
		context_load(names[i]->d_name, &meta, &bad);
		list_row(rows, names[i]->d_name, meta, bad.what, now);
		json_free(meta);
		free(names[i]);
	}
	free(names);
	return format_list(v->quiet ? "{{.Name}}" : v->format,
		"table {{.Shown}}\t{{.Description}}\t{{.DockerEndpoint}}\t{{.Error}}", titles, rows, stdout,
		err);
}

struct context_inspect_values {
	const char *format;
};

static const struct option_def inspect_options[] = {
	{ 'f', "format", OPT_STRING, offsetof(struct context_inspect_values, format), "string",
		"'json' or a template" },
	{ 0 },
};

static int inspect_one(const char *name, struct json *all, struct mc_err *err)
{
	struct json *meta = NULL;
	_cleanup_free_ char *dir = context_path(name);
	if (str_eq(name, "default")) {
		meta = json_new_object();
		json_set_string(meta, "Name", name);
		json_sub(meta, "Metadata");
		json_sub(meta, "Endpoints");
	}
	int rc = meta ? 0 : context_load(name, &meta, err);
	if (rc < 0)
		return rc;
	struct json *files = json_new_array();
	for (size_t i = 0; i < CONTEXT_PEMS; i++) {
		_cleanup_free_ char *path = xasprintf("%s/%s", dir, context_pems[i]);
		if (path_exists(AT_FDCWD, path))
			json_add(files, json_new_string(context_pems[i]));
	}
	if (json_len(files))
		json_set(json_sub(meta, "TLSMaterial"), "docker", files);
	else
		json_free(files), json_sub(meta, "TLSMaterial");
	json_set_string(json_sub(meta, "Storage"), "MetadataPath", dir);
	json_set_string(json_sub(meta, "Storage"), "TLSPath", dir);
	json_add(all, meta);
	return 0;
}

static int context_inspect(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct context_inspect_values *v = values;
	_cleanup_json_ struct json *all = json_new_array();
	_cleanup_free_ char *now = in_use();
	int rc = argc ? 0 : inspect_one(now, all, err);
	for (int i = 0; rc >= 0 && i < argc; i++)
		rc = inspect_one(argv[i], all, err);
	return rc < 0 ? rc : format_inspect(v->format, all, stdout, err);
}

struct context_rm_values {
	bool force;
};

static const struct option_def rm_options[] = {
	{ 'f', "force", OPT_FLAG, offsetof(struct context_rm_values, force), NULL, "Also the one in use" },
	{ 0 },
};

static int rm_one(const char *name, bool force, struct mc_err *err)
{
	_cleanup_free_ char *now = context_current();
	struct draft d = { 0 };
	int rc = context_check_name(name, err);
	if (rc >= 0 && !context_exists(name))
		return force ? 0 : err_set(err, ENOENT, "context \"%s\": context not found", name);
	if (rc >= 0 && str_eq(now, name) && !force)
		return err_set(err, EBUSY, "context \"%s\" is in use, set -f flag to force remove", name);
	if (rc < 0)
		return rc;
	d.dir = context_path(name);
	draft_release(&d);
	if (str_eq(now, name)) {
		char *const reset[] = { "default", NULL };
		return context_use(NULL, NULL, 1, (char **)reset, err);
	}
	return context_exists(name) ? err_set(err, EIO, "context \"%s\" could not be removed", name) : 0;
}

static int context_rm(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct context_rm_values *v = values;
	int status = 0;
	for (int i = 0; i < argc; i++) {
		struct mc_err one = { 0 };
		if (rm_one(argv[i], v->force, &one) < 0) {
			err_print(&one, "minictr");
			status = 1;
		} else {
			printf("%s\n", argv[i]);
		}
	}
	return status;
}

#define CONTEXT(verb, other, uses, text, sample, least, most, opts, size, fn)                                \
	&(const struct command)                                                                              \
	{                                                                                                    \
		.name = "context " verb, .aliases = other, .group = GROUP_SYSTEM, .usage = uses,             \
		.summary = text, .example = sample, .min_args = least, .max_args = most, .options = opts,    \
		.values_size = size, .run = fn                                                               \
	}

/* clang-format off */
const struct command *const context_commands[] = {
	CONTEXT("create", NULL, "[OPTIONS] CONTEXT", "Give a daemon's address a name",
		"minictr context create lab --docker host=ssh://ana@lab.example", 1, 1, create_options, sizeof(struct context_values), context_create),
	CONTEXT("export", NULL, "CONTEXT [FILE|-]", "Write a context to an archive (docker reads it, too)",
		"minictr context export lab lab.tar", 1, 2, NULL, 0, context_export),
	CONTEXT("import", NULL, "CONTEXT FILE|-", "Make a context of an archive",
		"minictr context import lab lab.tar", 2, 2, NULL, 0, context_import),
	CONTEXT("inspect", NULL, "[OPTIONS] [CONTEXT...]", "Show all that is known of contexts",
		"minictr context inspect -f '{{.Endpoints.docker.Host}}' lab", 0, ANY_ARGS, inspect_options, sizeof(struct context_inspect_values), context_inspect),
	CONTEXT("ls", "context list", "[OPTIONS]", "List contexts; a star stands at the one in use",
		"minictr context ls", 0, 0, list_options, sizeof(struct context_list_values), context_ls),
	CONTEXT("rm", "context remove", "[OPTIONS] CONTEXT [CONTEXT...]", "Remove contexts",
		"minictr context rm lab", 1, ANY_ARGS, rm_options, sizeof(struct context_rm_values), context_rm),
	CONTEXT("show", NULL, "", "Print the name of the context in use",
		"minictr context show", 0, 0, NULL, 0, context_show),
	CONTEXT("update", NULL, "[OPTIONS] CONTEXT", "Change a context",
		"minictr context update lab --description 'the machine in room 3'", 1, 1, create_options, sizeof(struct context_values), context_update),
	CONTEXT("use", NULL, "CONTEXT", "Ask this daemon from now on (default: none, this machine)",
		"minictr context use lab\nminictr context use default", 1, 1, NULL, 0, context_use),
	NULL,
};
/* clang-format on */
