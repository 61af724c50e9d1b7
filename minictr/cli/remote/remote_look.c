/*
 * remote_look.c - ps, logs, inspect, top, port, diff, events: what a daemon knows, printed as ours is.
 */
#include "cli/remote/remote.h"

#include "cli/format/format.h"
#include "cli/ps_rows.h"
#include "cli/remote/client_stream.h"
#include "engine/logs.h"

/* --- ps --- */

int remote_ps(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct ps_values *v = values;
	_cleanup_client_ struct client c = { 0 };
	_cleanup_json_ struct json *list = NULL, *rows = json_new_array();
	_cleanup_buf_ struct buf path = { 0 };
	int last = v->latest ? 1 : v->last;
	_cleanup_free_ char *limit = last > 0 ? xasprintf("%d", last) : NULL;
	buf_adds(&path, "/containers/json");
	query_add(&path, "all", v->all ? "1" : NULL);
	query_add(&path, "limit", limit);
	query_add(&path, "size", ps_wants_size(v) ? "1" : NULL);
	query_filters(&path, v->filters);
	int rc = client_open(cli, &c, err);
	if (rc >= 0)
		rc = client_get(&c, path.data, &list, err);
	if (rc < 0)
		return rc;
	for (size_t i = 0; i < json_len(list) && last != 0; i++)
		ps_summary_row(
			json_item(list, i), v->no_trunc, ps_wants_size(v), json_add(rows, json_new_object()));
	return ps_print(v, rows, err);
}

/* --- logs --- */

/* Times of logs and events travel as seconds since the epoch; "10m" counts from this machine's clock. */
static int query_time(struct buf *path, const char *key, const char *text, struct mc_err *err)
{
	int64_t ns = 0;
	if (!text)
		return 0;
	int rc = logs_parse_time(text, &ns, err);
	_cleanup_free_ char *seconds =
		xasprintf("%lld.%09lld", (long long)(ns / 1000000000), (long long)(ns % 1000000000));
	if (rc >= 0)
		query_add(path, key, seconds);
	return rc;
}

static int logs_one(struct client *c, const struct logs_values *v, const char *name, struct mc_err *err)
{
	_cleanup_buf_ struct buf look = { 0 }, path = { 0 };
	_cleanup_json_ struct json *doc = NULL;
	struct frames frames = { 0 };
	buf_adds(&look, "/containers/");
	path_add(&look, name);
	buf_adds(&look, "/json");
	int rc = client_get(c, look.data, &doc, err);
	if (rc < 0)
		return rc;
	json_get_bool(doc, &frames.raw, err, "Config.Tty");
	buf_addf(&path, "/containers/%s/logs?stdout=1&stderr=1", json_text_of(json_member(doc, "Id")));
	query_add(&path, "follow", v->follow ? "1" : NULL);
	query_add(&path, "timestamps", v->timestamps ? "1" : NULL);
	query_add(&path, "details", v->details ? "1" : NULL);
	query_add(&path, "tail", v->tail ? v->tail : "all");
	rc = query_time(&path, "since", v->since, err);
	if (rc >= 0)
		rc = query_time(&path, "until", v->until, err);
	if (rc < 0)
		return rc;
	return client_call(c,
		&(struct client_call){ .path = path.data, .sink = frames_print, .ctx = &frames }, NULL, err);
}

int remote_logs(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct logs_values *v = values;
	_cleanup_client_ struct client c = { 0 };
	if (v->names)
		return err_set(err, ENOTSUP, "--names: a daemon's logs come without the container's name");
	if (v->follow && argc > 1)
		return err_set(err, EINVAL, "--follow goes on with one container");
	int rc = client_open(cli, &c, err);
	for (int i = 0; rc >= 0 && i < argc; i++)
		rc = logs_one(&c, v, argv[i], err);
	return rc < 0 ? rc : 0;
}

/* --- inspect --- */

/* Where docker looks for a name, and in which order. */
static const struct {
	const char *type, *noun, *tail;
} kinds[] = { { "container", "/containers/", "/json" }, { "image", "/images/", "/json" },
	{ "network", "/networks/", "" }, { "volume", "/volumes/", "" } };

static int look_at(struct client *c, const char *noun, const char *name, const char *tail, bool size,
	struct json **ret, struct mc_err *err)
{
	_cleanup_buf_ struct buf path = { 0 };
	buf_adds(&path, noun);
	path_add(&path, name);
	buf_adds(&path, tail);
	query_add(&path, "size", size && str_eq(noun, "/containers/") ? "1" : NULL);
	return client_get(c, path.data, ret, err);
}

static int inspect_one(struct client *c, const struct inspect_values *v, const char *type, const char *name,
	struct json *all, struct mc_err *err)
{
	struct json *doc = NULL;
	int rc = -ENOENT;
	for (size_t i = 0; rc == -ENOENT && i < ARRAY_LEN(kinds); i++) {
		if (type && !str_eq(type, kinds[i].type))
			continue;
		*err = (struct mc_err){ 0 };
		rc = look_at(c, kinds[i].noun, name, kinds[i].tail, v->size, &doc, err);
	}
	if (rc == -ENOENT && !type) {
		*err = (struct mc_err){ 0 };
		err_set(err, ENOENT, "No such object: %s", name);
	}
	if (rc >= 0 && doc)
		json_add(all, doc);
	return rc;
}

int remote_inspect(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct inspect_values *v = values;
	_cleanup_client_ struct client c = { 0 };
	_cleanup_json_ struct json *all = json_new_array();
	const char *type = v->type;
	bool known = !type;
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		known |= str_eq(type, kinds[i].type);
	if (v->tree)
		return err_set(
			err, ENOTSUP, "--tree draws from this machine's /proc; a daemon's is not in reach");
	if (!known)
		return err_set(err, EINVAL, "unknown type: \"%s\"", type);
	if (!type && (str_eq(cli->called, "image inspect") || str_eq(cli->called, "container inspect")))
		type = str_starts(cli->called, "image") ? "image" : "container";
	int status = 0, rc = format_check(v->format, err);
	if (rc >= 0)
		rc = client_open(cli, &c, err);
	for (int i = 0; rc >= 0 && i < argc; i++) {
		struct mc_err one = { 0 };
		if (inspect_one(&c, v, type, argv[i], all, &one) < 0) {
			err_print(&one, "minictr");
			status = 1;
		}
	}
	if (rc >= 0 && (json_len(all) || !v->format))
		rc = format_inspect(v->format, all, stdout, err);
	return rc < 0 ? rc : status;
}

int remote_inspect_all(struct cli *cli, const char *noun, const char *tail, const char *format, int argc,
	char **argv, struct mc_err *err)
{
	_cleanup_client_ struct client c = { 0 };
	_cleanup_json_ struct json *all = json_new_array();
	int status = 0, rc = format_check(format, err);
	if (rc >= 0)
		rc = client_open(cli, &c, err);
	for (int i = 0; rc >= 0 && i < argc; i++) {
		struct json *doc = NULL;
		struct mc_err one = { 0 };
		if (look_at(&c, noun, argv[i], tail, false, &doc, &one) < 0) {
			err_print(&one, "minictr");
			status = 1;
		} else if (doc) {
			json_add(all, doc);
		}
	}
	if (rc >= 0)
		rc = format_inspect(format, all, stdout, err);
	return rc < 0 ? rc : status;
}

/* --- top, port, diff --- */

static int container_document(struct cli *cli, const char *name, const char *tail, const char *ps_args,
	struct json **ret, struct mc_err *err)
{
	_cleanup_client_ struct client c = { 0 };
	_cleanup_buf_ struct buf path = { 0 };
	buf_adds(&path, "/containers/");
	path_add(&path, name);
	buf_adds(&path, tail);
	query_add(&path, "ps_args", ps_args);
	int rc = client_open(cli, &c, err);
	return rc < 0 ? rc : client_get(&c, path.data, ret, err);
}

int remote_top(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	_cleanup_json_ struct json *doc = NULL;
	_cleanup_buf_ struct buf words = { 0 };
	for (int i = 1; i < argc; i++)
		buf_addf(&words, "%s%s", i > 1 ? " " : "", argv[i]);
	int rc = container_document(cli, argv[0], "/top", words.len ? words.data : NULL, &doc, err);
	if (rc >= 0)
		top_print(doc);
	return rc < 0 ? rc : 0;
}

int remote_port(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	_cleanup_json_ struct json *doc = NULL;
	const char *want = argc > 1 ? argv[1] : NULL;
	int rc = container_document(cli, argv[0], "/json", NULL, &doc, err);
	if (rc < 0)
		return rc;
	if (!ports_print(json_at(doc, "NetworkSettings.Ports"), want) && want)
		return err_set(err, ENOENT, "No public port '%s' published for %s", want, argv[0]);
	return 0;
}

int remote_diff(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	static const char letters[] = "CAD";
	_cleanup_json_ struct json *list = NULL;
	int rc = container_document(cli, argv[0], "/changes", NULL, &list, err);
	for (size_t i = 0; rc >= 0 && i < json_len(list); i++) {
		int64_t kind = json_int_of(json_member(json_item(list, i), "Kind"));
		const char *path = json_text_of(json_member(json_item(list, i), "Path"));
		if (path && kind >= 0 && kind < 3)
			diff_say(letters[kind], path, NULL);
	}
	return rc < 0 ? rc : 0;
}

/* --- events --- */

static int take_event(void *ctx, const struct json *event, const char *text, struct mc_err *err)
{
	return event_print(event, text, ctx);
}

int remote_events(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct events_values *v = values;
	_cleanup_client_ struct client c = { 0 };
	_cleanup_buf_ struct buf path = { 0 };
	struct event_sink sink = { .format = v->format };
	struct json_cutter cutter = { .take = take_event, .ctx = &sink };
	buf_adds(&path, "/events");
	int rc = format_check(v->format, err);
	if (rc >= 0)
		rc = events_filter_check(v->filters, err);
	if (rc >= 0)
		rc = query_time(&path, "since", v->since, err);
	if (rc >= 0)
		rc = query_time(&path, "until", v->until, err);
	query_filters(&path, v->filters);
	if (rc >= 0)
		rc = client_open(cli, &c, err);
	if (rc >= 0)
		rc = client_call(&c,
			&(struct client_call){ .path = path.data, .sink = json_cut, .ctx = &cutter }, NULL,
			err);
	json_cutter_release(&cutter);
	if (sink.err.code) {
		*err = sink.err;
		return -err->code;
	}
	/* the reader of our output is gone: `events | head` */
	return rc == -ECANCELED ? 0 : rc;
}
