/*
 * ps_rows.c - one container as docker's `ps` shows it.
 */
#include "cli/ps_rows.h"

#include <time.h>

#include "cli/engine_use.h"
#include "cli/format/table.h"
#include "engine/inspect.h"
#include "image/image.h"

enum { COMMAND_WIDTH = 20 };

static char *created_at(int64_t ns)
{
	char text[64];
	time_t s = (time_t)(ns / 1000000000);
	struct tm tm;
	localtime_r(&s, &tm);
	strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S %z %Z", &tm);
	return xstrdup(text);
}

/* "a=1,b=2", as docker joins labels. */
static char *labels_text(const struct container *c)
{
	_cleanup_buf_ struct buf b = { 0 };
	struct json_iter it = { 0 };
	const struct json *labels = json_member(c->config, "Labels");
	while (json_kind_of(labels) == JSON_OBJECT && json_next(labels, &it))
		buf_addf(&b, "%s%s=%s", b.len ? "," : "", it.key,
			json_text_of(it.value) ? json_text_of(it.value) : "");
	return buf_take(&b);
}

struct port_row {
	const char *ip;
	unsigned host, inside; /* host 0: exposed only */
	const char *protocol;
};

static int by_place(const void *a, const void *b)
{
	const struct port_row *x = a, *y = b;
	int rc = strcmp(x->protocol, y->protocol);
	if (!rc)
		rc = strcmp(x->ip, y->ip);
	return rc                       ? rc
	       : x->inside != y->inside ? (int)x->inside - (int)y->inside
					: (int)x->host - (int)y->host;
}

static size_t port_rows(const struct json *ports, struct port_row **ret)
{
	struct json_iter it = { 0 };
	size_t n = 0;
	*ret = NULL;
	while (json_kind_of(ports) == JSON_OBJECT && json_next(ports, &it)) {
		const char *slash = strchr(it.key, '/');
		for (size_t i = 0; i == 0 || i < json_len(it.value); i++) {
			const struct json *one = json_item(it.value, i);
			const char *ip = json_text_of(json_member(one, "HostIp"));
			const char *host = json_text_of(json_member(one, "HostPort"));
			*ret = xrealloc(*ret, (n + 1) * sizeof(**ret));
			(*ret)[n++] = (struct port_row){ ip ? ip : "", host ? (unsigned)atoi(host) : 0,
				(unsigned)atoi(it.key), slash ? slash + 1 : "tcp" };
		}
	}
	if (n)
		qsort(*ret, n, sizeof(**ret), by_place);
	return n;
}

static void add_port_range(struct buf *b, const struct port_row *first, const struct port_row *last)
{
	bool six = strchr(first->ip, ':') != NULL, range = first != last;
	buf_adds(b, b->len ? ", " : "");
	if (first->host)
		buf_addf(b, "%s%s%s:%u", six ? "[" : "", first->ip, six ? "]" : "", first->host);
	if (first->host && range)
		buf_addf(b, "-%u", last->host);
	buf_addf(b, "%s%u", first->host ? "->" : "", first->inside);
	if (range)
		buf_addf(b, "-%u", last->inside);
	buf_addf(b, "/%s", first->protocol);
}

/* "0.0.0.0:8080->80/tcp, [::]:8080->80/tcp": neighbouring ports as one range, as docker has it. */
static char *ports_text(struct engine *e, const struct container *c)
{
	_cleanup_json_ struct json *doc = NULL;
	_cleanup_buf_ struct buf b = { 0 };
	_cleanup_free_ struct port_row *rows = NULL;
	struct mc_err ignored = { 0 };
	if (!container_is_active(c) || container_inspect(e, c, false, &doc, &ignored) < 0)
		return xstrdup("");
	size_t n = port_rows(json_at(doc, "NetworkSettings.Ports"), &rows);
	for (size_t i = 0; i < n;) {
		size_t k = i;
		while (k + 1 < n && str_eq(rows[k + 1].ip, rows[i].ip) &&
			str_eq(rows[k + 1].protocol, rows[i].protocol) &&
			rows[k + 1].inside == rows[k].inside + 1 &&
			rows[k + 1].host == rows[k].host + (rows[k].host ? 1 : 0))
			k++;
		add_port_range(&b, &rows[i], &rows[k]);
		i = k + 1;
	}
	return buf_take(&b);
}

static char *size_text(struct engine *e, const struct container *c, struct mc_err *err)
{
	_cleanup_json_ struct json *s = NULL;
	int64_t rw = 0, all = 0;
	if (container_summary(e, c, true, &s, err) < 0)
		return NULL;
	json_get_i64(s, &rw, err, "SizeRw");
	json_get_i64(s, &all, err, "SizeRootFs");
	_cleanup_free_ char *a = text_size(rw), *b = text_size(all);
	return xasprintf("%s (virtual %s)", a, b);
}

static void set_take(struct json *row, const char *key, char *text)
{
	json_set_string(row, key, text);
	free(text);
}

static char *mounts_text(const struct container *c, bool no_trunc)
{
	_cleanup_buf_ struct buf b = { 0 };
	const struct json *binds = json_member(c->host, "Binds");
	for (size_t i = 0; i < json_len(binds); i++) {
		const char *text = json_text_of(json_item(binds, i));
		_cleanup_free_ char *source = xstrndup(text ? text : "", strcspn(text ? text : "", ":"));
		_cleanup_free_ char *cut = no_trunc ? xstrdup(source) : text_ellipsis(source, 15);
		buf_addf(&b, "%s%s", b.len ? "," : "", cut);
	}
	return buf_take(&b);
}

/* "bridge,web": the networks it is in, or asks for. */
static char *networks_text(const struct container *c)
{
	_cleanup_json_ struct json *networks = container_networks(c);
	_cleanup_buf_ struct buf b = { 0 };
	struct json_iter it = { 0 };
	while (json_next(networks, &it))
		buf_addf(&b, "%s%s", b.len ? "," : "", it.key);
	return buf_take(&b);
}

/* The name it was made from, as long as that still means the same image; the image's id when the tag has
 * moved on. */
static char *image_text(struct ps_context *ps, const struct container *c, bool no_trunc)
{
	const char *id = c->image_id ? c->image_id : "";
	const char *now = NULL;
	for (size_t i = 0; i < ps->n_names && !now; i++)
		if (str_eq(ps->names[i].name, c->image))
			now = ps->names[i].id;
	if (!now && ps->n_names < ARRAY_LEN(ps->names) && ps->store >= 0 &&
		!str_starts(c->image, "sha256:")) {
		struct ps_name *one = &ps->names[ps->n_names++];
		_cleanup_image_ struct image img = { 0 };
		struct mc_err ignored = { 0 };
		one->name = c->image;
		if (image_lookup(ps->store, c->image, &img, &ignored) >= 0)
			snprintf(one->id, sizeof(one->id), "%s", img.id.text);
		now = one->id;
	}
	bool moved = now && *id && *now && !str_eq(now, id);
	const char *shown = moved ? id : c->image;
	return str_starts(shown, "sha256:") && !no_trunc ? text_short_id(shown) : xstrdup(shown);
}

int ps_row(struct ps_context *ps, const struct container *c, bool no_trunc, bool size, struct json *row,
	struct mc_err *err)
{
	_cleanup_free_ char *command = container_command_text(c);
	_cleanup_free_ char *cut = no_trunc ? xstrdup(command) : text_ellipsis(command, COMMAND_WIDTH);
	set_take(row, "ID", no_trunc ? xstrdup(c->id) : text_short_id(c->id));
	json_set_string(row, "Names", c->name);
	set_take(row, "Image", image_text(ps, c, no_trunc));
	set_take(row, "Command", xasprintf("\"%s\"", cut));
	set_take(row, "CreatedAt", created_at(c->created));
	set_take(row, "RunningFor", text_ago(c->created));
	set_take(row, "Status", container_status_text(c));
	json_set_string(row, "State", container_status_name(c->status));
	set_take(row, "Ports", ports_text(ps->engine, c));
	set_take(row, "Labels", labels_text(c));
	set_take(row, "Mounts", mounts_text(c, no_trunc));
	json_set_string(row, "LocalVolumes", "0");
	set_take(row, "Networks", networks_text(c));
	json_set(row, "Platform", NULL);
	if (!size) {
		json_set_string(row, "Size", "0B");
		return 0;
	}
	char *text = size_text(ps->engine, c, err);
	if (!text)
		return -err->code;
	set_take(row, "Size", text);
	return 0;
}
