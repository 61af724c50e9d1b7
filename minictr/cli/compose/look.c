/*
 * compose/look.c - what a project is and what it does: config, ps, ls, logs.
 */
#include <stdio.h>
#include <stdlib.h>

#include "cli/compose/compose.h"
#include "engine/logs.h"
#include "engine/row_filter.h"
#include "cli/ps_rows.h"
#include "compose/config_view.h"
#include "compose/yaml_json.h"

/* --- config --- */

struct config_values {
	bool services, volumes, images, profiles, quiet, no_interpolate, networks, environment, no_path,
		no_normalize, no_consistency, digests, variables;
	const char *hash, *format, *output;
};

static const struct option_def config_options[] = {
	{ 0, "environment", OPT_FLAG, offsetof(struct config_values, environment), NULL,
		"Print the variables that ${X} uses" },
	{ 0, "format", OPT_STRING, offsetof(struct config_values, format), "string",
		"yaml (default) or json" },
	{ 0, "hash", OPT_STRING, offsetof(struct config_values, hash), "string",
		"Print the hash of a service, or of all: '*'" },
	{ 0, "images", OPT_FLAG, offsetof(struct config_values, images), NULL, "Print the names of images" },
	{ 0, "networks", OPT_FLAG, offsetof(struct config_values, networks), NULL,
		"Print the names of networks" },
	{ 0, "no-consistency", OPT_FLAG, offsetof(struct config_values, no_consistency), NULL, NULL },
	{ 0, "no-interpolate", OPT_FLAG, offsetof(struct config_values, no_interpolate), NULL,
		"Leave ${X} as it is" },
	{ 0, "no-normalize", OPT_FLAG, offsetof(struct config_values, no_normalize), NULL,
		"Without the values that stand for what was left out" },
	{ 0, "no-path-resolution", OPT_FLAG, offsetof(struct config_values, no_path), NULL,
		"Leave paths as they are" },
	{ 'o', "output", OPT_STRING, offsetof(struct config_values, output), "file", "Write to a file" },
	{ 0, "profiles", OPT_FLAG, offsetof(struct config_values, profiles), NULL,
		"Print the names of profiles" },
	{ 'q', "quiet", OPT_FLAG, offsetof(struct config_values, quiet), NULL, "Check only" },
	{ 0, "resolve-image-digests", OPT_FLAG, offsetof(struct config_values, digests), NULL, NULL },
	{ 0, "services", OPT_FLAG, offsetof(struct config_values, services), NULL,
		"Print the names of services" },
	{ 0, "variables", OPT_FLAG, offsetof(struct config_values, variables), NULL, NULL },
	{ 0, "volumes", OPT_FLAG, offsetof(struct config_values, volumes), NULL,
		"Print the names of volumes" },
	{ 0 },
};

static void print_names(const struct yaml *section)
{
	for (size_t i = 0; i < section->n; i++)
		printf("%s\n", section->keys[i]);
}

static void print_profiles(const struct project *p)
{
	_cleanup_strv_ char **seen = NULL;
	for (size_t i = 0; i < p->services->n; i++) {
		const struct yaml *profiles = ynode_get(p->services->items[i], "profiles");
		for (size_t k = 0; profiles && k < profiles->n; k++)
			if (!strv_has(seen, ynode_text(profiles->items[k]))) {
				strv_push(&seen, ynode_text(profiles->items[k]));
				printf("%s\n", ynode_text(profiles->items[k]));
			}
	}
}

static int print_hashes(const struct project *p, const char *which, struct mc_err *err)
{
	char hash[SERVICE_HASH_LEN + 1], *one[] = { (char *)which, NULL };
	if (!str_eq(which, "*") && compose_known(p, one, err) < 0)
		return -err->code;
	for (size_t i = 0; i < p->services->n; i++) {
		if (!str_eq(which, "*") && !str_eq(which, p->services->keys[i]))
			continue;
		service_hash(p, p->services->keys[i], hash);
		printf("%s %s\n", p->services->keys[i], hash);
	}
	return 0;
}

static int config_print(struct project *p, const struct config_values *v, struct mc_err *err)
{
	FILE *out = v->output ? fopen(v->output, "we") : stdout;
	if (!out)
		return err_sys(err, "create %s", v->output);
	config_view(p, str_eq(v->format, "json"), v->no_interpolate);
	if (!v->no_interpolate)
		ynode_escape(p->model);
	if (str_eq(v->format, "json")) {
		_cleanup_json_ struct json *j = ynode_to_json(p->model);
		_cleanup_free_ char *text = json_dump(j, true);
		fprintf(out, "%s\n", text);
	} else {
		ynode_print(p->model, out);
	}
	return v->output && fclose(out) != 0 ? err_sys(err, "write %s", v->output) : 0;
}

/* Only the named services and what they need. */
static int config_select(struct project *p, char *const named[], struct mc_err *err)
{
	const struct yaml *known;
	int rc = 0;
	for (size_t i = 0; rc >= 0 && named[i]; i++)
		rc = project_service(p, named[i], &known, err);
	_cleanup_strv_ char **chosen = rc < 0 ? NULL : project_choose(p, named, false);
	for (size_t i = p->services->n; rc >= 0 && i-- > 0;)
		if (!strv_has(chosen, p->services->keys[i]))
			ynode_unset(p->services, p->services->keys[i]);
	return rc;
}

static int config_refuse(const struct config_values *v, struct mc_err *err)
{
	if (v->no_consistency)
		return err_set(err, ENOTSUP,
			"--no-consistency: a file that contradicts itself has no model that could be "
			"printed");
	if (v->digests)
		return err_set(err, ENOTSUP,
			"--resolve-image-digests: `config` asks no registry; "
			"`minictr image inspect` names the digest of an image that is here");
	return err_set(err, ENOTSUP,
		"--variables: `config --environment` prints those that are set, `config --no-interpolate` "
		"shows where each stands");
}

static int compose_cmd_config(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct config_values *v = values;
	_cleanup_project_ struct project p = { 0 };
	const struct compose_flags *f = cli->own;
	extern char **environ;
	struct project_options o = { .files = f->files,
		.directory = f->directory,
		.name = f->project,
		.env_files = f->env_files,
		.profiles = f->profiles,
		.services = argv,
		.environment = environ,
		.no_interpolate = v->no_interpolate,
		.all_profiles = v->profiles,
		.keep_optional = true,
		.no_path_resolution = v->no_path,
		.no_normalize = v->no_normalize,
		.no_env_files = v->services || v->volumes || v->networks || v->profiles || v->images };
	if (v->no_consistency || v->digests || v->variables)
		return config_refuse(v, err);
	if (v->format && !str_eq(v->format, "yaml") && !str_eq(v->format, "json"))
		return err_set(
			err, EINVAL, "unsupported format \"%s\": known formats: yaml, json", v->format);
	int rc = project_load(&o, &p, err);
	if (rc >= 0 && argc)
		rc = config_select(&p, argv, err);
	if (rc < 0 || v->quiet)
		return rc;
	if (v->volumes || v->networks)
		config_view(&p, false, false);
	if (v->services)
		print_names(p.services);
	else if (v->volumes)
		print_names(p.volumes);
	else if (v->networks)
		print_names(p.networks);
	else if (v->profiles)
		print_profiles(&p);
	else if (v->hash)
		rc = print_hashes(&p, v->hash, err);
	else if (v->environment)
		for (size_t i = 0; p.vars.file && p.vars.file[i]; i++) {
			size_t n = strcspn(p.vars.file[i], "=");
			printf("%.*s=%s\n", (int)n, p.vars.file[i],
				variables_get(&p.vars, p.vars.file[i], n));
		}
	else if (v->images)
		for (size_t i = 0; i < p.services->n; i++) {
			_cleanup_free_ char *image = service_image(&p, p.services->keys[i]);
			printf("%s\n", image);
		}
	else
		rc = config_print(&p, v, err);
	return rc;
}

const struct command compose_config = {
	.name = "config",
	.aliases = "convert",
	.group = GROUP_LOOK,
	.usage = "[OPTIONS] [SERVICE...]",
	.summary = "Check the file and print it in its long form",
	.example = "minictr compose config --services",
	.options = config_options,
	.values_size = sizeof(struct config_values),
	.max_args = ANY_ARGS,
	.run = compose_cmd_config,
};

/* --- ps and ls --- */

struct ps_values {
	bool all, quiet, services, orphans, no_trunc;
	const char *format;
	char **filters, **states;
};

static const struct ps_values ps_defaults = { .orphans = true };

static const struct option_def ps_options[] = {
	{ 'a', "all", OPT_FLAG, offsetof(struct ps_values, all), NULL, "Those that do not run, too" },
	{ 0, "filter", OPT_LIST, offsetof(struct ps_values, filters), "filter", "status=running" },
	{ 0, "format", OPT_STRING, offsetof(struct ps_values, format), "string",
		"'table', 'json' or a template" },
	{ 0, "no-trunc", OPT_FLAG, offsetof(struct ps_values, no_trunc), NULL, "Nothing shortened" },
	{ 0, "orphans", OPT_FLAG, offsetof(struct ps_values, orphans), NULL,
		"Containers of services that are not in the file, too (default true)" },
	{ 'q', "quiet", OPT_FLAG, offsetof(struct ps_values, quiet), NULL, "Ids only" },
	{ 0, "services", OPT_FLAG, offsetof(struct ps_values, services), NULL, "Names of services" },
	{ 0, "status", OPT_LIST, offsetof(struct ps_values, states), "status",
		"Only these: running, exited, paused ..." },
	{ 0 },
};

static const struct format_title ps_titles[] = { { "Name", "NAME" }, { "Image", "IMAGE" },
	{ "Command", "COMMAND" }, { "Service", "SERVICE" }, { "CreatedAt", "CREATED" },
	{ "RunningFor", "CREATED" }, { "Status", "STATUS" }, { "Ports", "PORTS" }, { "ID", "CONTAINER ID" },
	{ "State", "STATE" }, { NULL, NULL } };

static int ps_check_state(const char *word, struct mc_err *err)
{
	static const char *const states[] = { "created", "running", "paused", "restarting", "removing",
		"exited", "dead" };
	for (size_t i = 0; i < ARRAY_LEN(states); i++)
		if (str_eq(word, states[i]))
			return 0;
	return err_set(err, EINVAL,
		"unknown status \"%s\": created, running, paused, restarting, removing, exited or dead",
		word);
}

static int ps_check(const struct ps_values *v, struct mc_err *err)
{
	int rc = 0;
	for (size_t i = 0; rc >= 0 && v->states && v->states[i]; i++)
		rc = ps_check_state(v->states[i], err);
	for (size_t i = 0; rc >= 0 && v->filters && v->filters[i]; i++)
		rc = str_starts(v->filters[i], "status=")
			     ? ps_check_state(v->filters[i] + strlen("status="), err)
			     : err_set(err, EINVAL, "invalid filter \"%s\": status=STATE", v->filters[i]);
	return rc;
}

static bool ps_wants(const struct ps_values *v, const struct container *c)
{
	const char *state = container_status_name(c->status);
	bool asked = v->states != NULL, fits = strv_has(v->states, state);
	for (size_t i = 0; v->filters && v->filters[i]; i++)
		if (str_starts(v->filters[i], "status=")) {
			asked = true;
			fits = fits || str_eq(v->filters[i] + 7, state);
		}
	return asked ? fits : v->all || container_is_active(c);
}

/* Its ports as docker compose's JSON has them. */
static struct json *ps_publishers(const struct container *c)
{
	struct json *list = json_new_array();
	const struct json *ports = json_member(c->net, "Ports");
	struct json_iter it = { 0 };
	while (json_kind_of(ports) == JSON_OBJECT && json_next(ports, &it))
		for (size_t i = 0; i < json_len(it.value); i++) {
			const struct json *one = json_item(it.value, i);
			struct json *row = json_add(list, json_new_object());
			json_set_string(row, "URL", json_text_at(one, "HostIp", ""));
			json_set_i64(row, "TargetPort", atoi(it.key));
			json_set_i64(row, "PublishedPort", atoi(json_text_at(one, "HostPort", "0")));
			json_set_string(
				row, "Protocol", strchr(it.key, '/') ? strchr(it.key, '/') + 1 : "tcp");
		}
	return list;
}

/* A row of `minictr ps`, and what only compose knows. */
static int ps_add(struct ps_context *context, const struct actual_container *a, bool no_trunc,
	struct json *rows, struct mc_err *err)
{
	struct json *row = json_add(rows, json_new_object());
	int rc = ps_row(context, a->c, no_trunc, false, row, err);
	json_set_string(row, "ID", a->c->id);
	json_set_string(row, "Name", a->c->name);
	json_set_string(row, "Project", container_label(a->c, label_project));
	json_set_string(row, "Service", a->service);
	json_set(row, "Publishers", ps_publishers(a->c));
	json_set_string(row, "Health", a->c->health ? a->c->health : "");
	json_set_i64(row, "ExitCode", a->c->exit_code);
	return rc;
}

static int compose_cmd_ps(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct ps_values *v = values;
	_cleanup_engine_ struct engine e = { 0 };
	_cleanup_project_ struct project p = { 0 };
	_cleanup_json_ struct json *rows = json_new_array();
	struct actual have = { 0 };
	int rc = ps_check(v, err);
	if (rc >= 0)
		rc = compose_open_name(cli, &e, &p, err);
	if (rc >= 0)
		rc = compose_known(&p, argv, err);
	if (rc >= 0)
		rc = actual_read(&e, p.name, &have, err);
	struct ps_context context = { .engine = &e, .list = &have.list, .store = -1 };
	for (size_t i = 0; rc >= 0 && i < have.n; i++) {
		const struct actual_container *a = &have.items[i];
		if (!ps_wants(v, a->c) || (argc && !strv_has(argv, a->service)) ||
			(!v->orphans && p.services && !ynode_get(p.services, a->service)))
			continue;
		if (v->quiet)
			printf("%s\n", a->c->id);
		else if (v->services && (i == 0 || !str_eq(have.items[i - 1].service, a->service)))
			printf("%s\n", a->service);
		else if (!v->services)
			rc = ps_add(&context, a, v->no_trunc, rows, err);
	}
	actual_release(&have);
	if (rc < 0 || v->quiet || v->services)
		return rc;
	return format_list(v->format,
		"table "
		"{{.Name}}\t{{.Image}}\t{{.Command}}\t{{.Service}}\t{{.RunningFor}}\t{{.Status}}\t{{.Ports}}",
		ps_titles, rows, stdout, err);
}

const struct command compose_ps = {
	.name = "ps",
	.group = GROUP_LOOK,
	.usage = "[OPTIONS] [SERVICE...]",
	.summary = "List the project's containers",
	.example = "minictr compose ps -a",
	.options = ps_options,
	.defaults = &ps_defaults,
	.values_size = sizeof(struct ps_values),
	.max_args = ANY_ARGS,
	.run = compose_cmd_ps,
};

int compose_rows(const char *format, const char *table, const struct format_title *titles,
	const struct json *rows, struct mc_err *err)
{
	if (!str_eq(format, "json"))
		return format_list(format, table, titles, rows, stdout, err);
	_cleanup_free_ char *text = json_dump(rows, false);
	puts(text);
	return 0;
}

struct ls_values {
	bool all, quiet;
	const char *format;
	char **filters;
};

static const struct option_def ls_options[] = {
	{ 'a', "all", OPT_FLAG, offsetof(struct ls_values, all), NULL,
		"Projects without a running container, too" },
	{ 0, "filter", OPT_LIST, offsetof(struct ls_values, filters), "filter", "name=REGEX" },
	{ 0, "format", OPT_STRING, offsetof(struct ls_values, format), "string", "table or json" },
	{ 'q', "quiet", OPT_FLAG, offsetof(struct ls_values, quiet), NULL, "Names only" },
	{ 0 },
};

static const struct format_title ls_titles[] = { { "Name", "NAME" }, { "Status", "STATUS" },
	{ "ConfigFiles", "CONFIG FILES" }, { NULL, NULL } };

static const struct filter_key ls_keys[] = { { "name", FILTER_REGEX, NULL }, { 0 } };

static bool ls_name_fits(const char *pattern, void *name) { return filter_regex(pattern, name); }

/* "exited(1), running(2)": how many containers are in each state; without all, of those that run. */
static char *ls_status(const struct container_list *list, const char *project, bool all)
{
	static const char *const states[] = { "created", "dead", "exited", "paused", "removing", "restarting",
		"running" };
	_cleanup_buf_ struct buf b = { 0 };
	for (size_t s = 0; s < ARRAY_LEN(states); s++) {
		size_t n = 0;
		for (size_t i = 0; i < list->count; i++)
			n += str_eq(container_label(&list->items[i], label_project), project) &&
			     str_eq(container_status_name(list->items[i].status), states[s]) &&
			     (all || container_is_active(&list->items[i]));
		if (n)
			buf_addf(&b, "%s%s(%zu)", b.len ? ", " : "", states[s], n);
	}
	return xstrdup(b.len ? b.data : "");
}

static int compose_cmd_ls(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct ls_values *v = values;
	_cleanup_engine_ struct engine e = { 0 };
	_cleanup_container_list_ struct container_list all = { 0 };
	_cleanup_json_ struct json *rows = json_new_array();
	_cleanup_strv_ char **seen = NULL;
	int rc = filter_check_values(v->filters, ls_keys, err);
	if (rc >= 0)
		rc = use_engine(cli, &e, err);
	if (rc >= 0)
		rc = container_list(&e, &all, err);
	for (size_t i = 0; rc >= 0 && i < all.count; i++) {
		const char *name = container_label(&all.items[i], label_project);
		if (!name || strv_has(seen, name))
			continue;
		strv_push(&seen, name);
		_cleanup_free_ char *status = ls_status(&all, name, v->all);
		if (!*status || !filter_passes(v->filters, "name", ls_name_fits, (void *)name))
			continue;
		struct json *row = json_add(rows, json_new_object());
		json_set_string(row, "Name", name);
		json_set_string(row, "Status", status);
		json_set_string(row, "ConfigFiles", container_label(&all.items[i], label_files));
	}
	if (rc < 0)
		return rc;
	return compose_rows(v->quiet ? "{{.Name}}" : v->format,
		"table {{.Name}}\t{{.Status}}\t{{.ConfigFiles}}", ls_titles, rows, err);
}

const struct command compose_ls = {
	.name = "ls",
	.group = GROUP_LOOK,
	.usage = "[OPTIONS]",
	.summary = "List projects",
	.example = "minictr compose ls -a",
	.options = ls_options,
	.values_size = sizeof(struct ls_values),
	.run = compose_cmd_ls,
};

/* --- logs --- */

struct logs_values {
	bool follow, timestamps, no_color, no_prefix;
	const char *tail, *since, *until;
	int index;
};

static const struct option_def logs_options[] = {
	{ 'f', "follow", OPT_FLAG, offsetof(struct logs_values, follow), NULL, "Go on with what comes" },
	{ 0, "index", OPT_INT, offsetof(struct logs_values, index), "number",
		"Only this container of the service" },
	{ 0, "no-color", OPT_FLAG, offsetof(struct logs_values, no_color), NULL, "Without colour" },
	{ 0, "no-log-prefix", OPT_FLAG, offsetof(struct logs_values, no_prefix), NULL, "Without names" },
	{ 0, "since", OPT_STRING, offsetof(struct logs_values, since), "time",
		"From then on: 10m, or a date" },
	{ 'n', "tail", OPT_STRING, offsetof(struct logs_values, tail), "lines", "The last lines only" },
	{ 't', "timestamps", OPT_FLAG, offsetof(struct logs_values, timestamps), NULL,
		"Show when each line came" },
	{ 0, "until", OPT_STRING, offsetof(struct logs_values, until), "time", "Up to then" },
	{ 0 },
};

/* Each container's logs are a command of its own: what is wrong with the words is told once. */
static int logs_check(const struct logs_values *v, struct mc_err *err)
{
	const char *const times[] = { v->since, v->until };
	int64_t n;
	int rc = 0;
	if (v->tail && !str_eq(v->tail, "all") && (parse_i64(v->tail, &n) < 0 || n < -1))
		return err_set(err, EINVAL, "invalid value for --tail: '%s': a number or 'all'", v->tail);
	for (size_t i = 0; rc >= 0 && i < ARRAY_LEN(times); i++)
		rc = times[i] ? logs_parse_time(times[i], &n, err) : 0;
	return rc;
}

/* --index N: a number of one service. */
static int logs_of_one(struct engine *e, const struct project *p, char **services, int index, char ***ret,
	struct mc_err *err)
{
	_cleanup_free_ char *name = NULL;
	if (!services[0] || services[1])
		return err_set(err, EINVAL, "--index is used with one service");
	int rc = compose_container(e, p, services[0], index, &name, err);
	if (rc >= 0)
		strv_push(ret, name);
	return rc;
}

static int compose_cmd_logs(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct logs_values *v = values;
	_cleanup_engine_ struct engine e = { 0 };
	_cleanup_project_ struct project p = { 0 };
	_cleanup_strv_ char **names = NULL;
	struct follow_options o = { .follow = v->follow,
		.timestamps = v->timestamps,
		.no_color = v->no_color,
		.no_prefix = v->no_prefix,
		.tail = v->tail,
		.since = v->since,
		.until = v->until };
	int rc = compose_open_name(cli, &e, &p, err);
	if (rc >= 0)
		rc = logs_check(v, err);
	if (rc >= 0 && v->index)
		rc = logs_of_one(&e, &p, argv, v->index, &names, err);
	else if (rc >= 0)
		rc = compose_containers(&e, &p, argv, false, &names, err);
	if (rc >= 0)
		rc = follow_containers(&p, names, &o, NULL, err);
	return rc > 0 ? 130 : rc;
}

const struct command compose_logs = {
	.name = "logs",
	.group = GROUP_LOOK,
	.usage = "[OPTIONS] [SERVICE...]",
	.summary = "Show the output of services",
	.example = "minictr compose logs -f --tail 20 web",
	.options = logs_options,
	.values_size = sizeof(struct logs_values),
	.max_args = ANY_ARGS,
	.run = compose_cmd_logs,
};
