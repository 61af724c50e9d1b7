/*
 * cmd/ps.c - `ps`: containers, newest first. A query: reads snapshots, takes no lock, waits for no one else.
 *
 * Each container becomes one row with docker's field names (ps_rows.c); --format and the default table
 * print rows.
 */
#include "cli/client_config.h"
#include "cli/commands.h"
#include "cli/engine_use.h"
#include "cli/format/format.h"
#include "cli/ps_rows.h"
#include "cli/verbs.h"
#include "image/store.h"

static const struct ps_values defaults = { .last = -1 };

static const struct option_def options[] = {
	{ 'a', "all", OPT_FLAG, offsetof(struct ps_values, all), NULL, "All of them, not only running ones" },
	{ 'f', "filter", OPT_LIST, offsetof(struct ps_values, filters), "filter",
		"Only those with KEY=VALUE: name (a regular expression), id, label, status, exited, "
		"ancestor, before, "
		"since, health, network, volume, expose, publish, is-task" },
	{ 0, "format", OPT_STRING, offsetof(struct ps_values, format), "string",
		"'table', 'table TEMPLATE', 'json', 'raw' or a template: {{.ID}} {{.Names}}" },
	{ 'n', "last", OPT_INT, offsetof(struct ps_values, last), "int", "The newest N, in any state" },
	{ 'l', "latest", OPT_FLAG, offsetof(struct ps_values, latest), NULL, "The newest one, in any state" },
	{ 0, "no-trunc", OPT_FLAG, offsetof(struct ps_values, no_trunc), NULL, "Nothing shortened" },
	{ 'q', "quiet", OPT_FLAG, offsetof(struct ps_values, quiet), NULL, "Only ids" },
	{ 's', "size", OPT_FLAG, offsetof(struct ps_values, size), NULL, "Bytes written, too" },
	{ 0, "sort", OPT_STRING, offsetof(struct ps_values, sort), "string",
		"created (default), names, id, image, command, status, runningfor, size" },
	{ 0 },
};

static const struct format_title titles[] = { { "ID", "CONTAINER ID" }, { "CreatedAt", "CREATED AT" },
	{ "RunningFor", "CREATED" }, { "LocalVolumes", "LOCAL VOLUMES" }, { NULL, NULL } };

#define RAW                                                                                                  \
	"container_id: {{.ID}}\nimage: {{.Image}}\ncommand: {{.Command}}\ncreated_at: "                      \
	"{{.CreatedAt}}\nstate: {{.State}}\nstatus: {{.Status}}\nnames: {{.Names}}\n"                        \
	"labels:{{if .Labels}} {{.Labels}}{{end}}\nports:{{if .Ports}} {{.Ports}}{{end}}\n"
static const char raw[] = RAW, raw_with_size[] = RAW "size: {{.Size}}\n";

/* Podman's words for the order, and the key that each compares. "created" is the list's own order, newest
 * first. */
static const struct {
	const char *word, *key;
} orders[] = { { "created", NULL }, { "runningfor", NULL }, { "names", "Names" }, { "id", "ID" },
	{ "image", "Image" }, { "command", "Command" }, { "status", "Status" }, { "size", "Size" } };

static int sort_key(const char *word, const char **ret, struct mc_err *err)
{
	*ret = NULL;
	for (size_t i = 0; i < ARRAY_LEN(orders); i++) {
		if (word && !str_eq(word, orders[i].word))
			continue;
		*ret = orders[i].key;
		return 0;
	}
	err_set(err, EINVAL, "invalid argument \"%s\" for \"--sort\" flag: no such order", word);
	err_hint(err, "known columns: created, names, id, image, command, status, runningfor, size");
	return err_exit(err, 125);
}

/* A template that shows sizes asks for them: they cost a walk through the files. */
bool ps_wants_size(const struct ps_values *v)
{
	return v->size || (v->format && (strstr(v->format, ".Size") || strstr(v->format, "json .}")));
}

struct sorted_row {
	const char *text;
	struct json *row;
};

static int by_text(const void *a, const void *b)
{
	return strcmp(((const struct sorted_row *)a)->text, ((const struct sorted_row *)b)->text);
}

static struct json *sort_rows(const struct json *rows, const char *key)
{
	size_t n = json_len(rows);
	_cleanup_free_ struct sorted_row *list = xcalloc(n + 1, sizeof(*list));
	struct json *sorted = json_new_array();
	for (size_t i = 0; i < n; i++) {
		const char *text = json_text_of(json_member(json_item(rows, i), key));
		list[i] = (struct sorted_row){ text ? text : "", json_copy(json_item(rows, i)) };
	}
	if (n)
		qsort(list, n, sizeof(*list), by_text);
	for (size_t i = 0; i < n; i++)
		json_add(sorted, list[i].row);
	return sorted;
}

static int collect(struct engine *e, const struct ps_values *v, struct json *rows, struct mc_err *err)
{
	_cleanup_container_list_ struct container_list list = { 0 };
	struct mc_err ignored = { 0 };
	_cleanup_close_ int store = store_open(e->root, &ignored);
	struct ps_context ps = { .engine = e, .list = &list, .store = store };
	int rc = container_list(e, &list, err);
	if (rc >= 0)
		rc = ps_filter_check(&list, v->filters, err);
	int last = v->latest ? 1 : v->last;
	bool any_state = v->all || last >= 0 || ps_filter_asks_state(v->filters);
	for (size_t i = 0; rc == 0 && i < list.count; i++) {
		const struct container *c = &list.items[i];
		if (!any_state && !container_is_active(c))
			continue;
		if (!ps_filter(&ps, c, v->filters))
			continue;
		if (last >= 0 && last-- == 0)
			break;
		rc = ps_row(&ps, c, v->no_trunc, ps_wants_size(v), json_add(rows, json_new_object()), err);
	}
	return rc;
}

int ps_print(const struct ps_values *v, struct json *rows, struct mc_err *err)
{
	const char *key;
	int rc = sort_key(v->sort, &key, err);
	if (rc < 0)
		return rc;
	_cleanup_json_ struct json *sorted = key ? sort_rows(rows, key) : NULL;
	_cleanup_free_ char *own = v->format || v->quiet ? NULL : client_config("psFormat");
	if (sorted)
		rows = sorted;
	if (str_eq(v->format, "raw"))
		return format_list(v->quiet  ? "container_id: {{.ID}}"
				   : v->size ? raw_with_size
					     : raw,
			NULL, titles, rows, stdout, err);
	if (v->quiet && !v->format)
		return format_list("{{.ID}}", NULL, titles, rows, stdout, err);
	return format_list(own ? own : v->format,
		v->size ? "table "
			  "{{.ID}}\t{{.Image}}\t{{.Command}}\t{{.RunningFor}}\t{{.Status}}\t{{.Ports}}\t{{."
			  "Names}}\t{{.Size}}"
			: "table "
			  "{{.ID}}\t{{.Image}}\t{{.Command}}\t{{.RunningFor}}\t{{.Status}}\t{{.Ports}}\t{{."
			  "Names}}",
		titles, rows, stdout, err);
}

static int ps_run(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct ps_values *v = values;
	_cleanup_engine_ struct engine e = { 0 };
	_cleanup_json_ struct json *rows = json_new_array();
	const char *key;
	int rc = sort_key(v->sort, &key, err);
	if (rc == 0)
		rc = use_engine(cli, &e, err);
	if (rc == 0)
		rc = collect(&e, v, rows, err);
	return rc < 0 ? rc : ps_print(v, rows, err);
}

const struct command cmd_ps = {
	.name = "ps",
	.aliases = "container ls, container list, container ps",
	.group = GROUP_LOOK,
	.usage = "[OPTIONS]",
	.summary = "List containers",
	.example = "minictr ps -a --filter status=exited\nminictr ps --format '{{.Names}}: {{.Status}}'",
	.options = options,
	.values_size = sizeof(struct ps_values),
	.defaults = &defaults,
	.run = ps_run,
};
