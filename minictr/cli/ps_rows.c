/*
 * ps_rows.c - one container as docker's `ps` shows it.
 */
#include "cli/ps_rows.h"

#include <time.h>

#include "cli/engine_use.h"
#include "cli/format/table.h"
#include "cli/verbs.h"
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

struct port_row {
	const char *ip;
	unsigned host, inside; /* host 0: exposed only */
	const char *protocol;
	bool same, done; /* host's number = container's: such neighbours become a range */
};

/* In docker's order: by the container's port. Ports with another number on the host come last. */
static int by_place(const void *a, const void *b)
{
	const struct port_row *x = a, *y = b;
	int rc = (int)y->same - (int)x->same;
	if (!rc)
		rc = (int)x->inside - (int)y->inside;
	if (!rc)
		rc = strcmp(x->ip, y->ip);
	if (!rc)
		rc = strcmp(x->protocol, y->protocol);
	return rc ? rc : (int)x->host - (int)y->host;
}

static size_t port_rows(const struct json *ports, struct port_row **ret)
{
	size_t n = json_len(ports);
	*ret = xcalloc(n + 1, sizeof(**ret));
	for (size_t i = 0; i < n; i++) {
		const struct json *p = json_item(ports, i);
		const char *ip = json_text_of(json_member(p, "IP")),
			   *type = json_text_of(json_member(p, "Type"));
		unsigned host = (unsigned)json_int_of(json_member(p, "PublicPort")),
			 inside = (unsigned)json_int_of(json_member(p, "PrivatePort"));
		(*ret)[i] = (struct port_row){ .ip = ip ? ip : "",
			.host = host,
			.inside = inside,
			.protocol = type ? type : "tcp",
			.same = !host || host == inside };
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

/* "0.0.0.0:8000-8001->8000-8001/tcp, 0.0.0.0:8080->80/tcp": ranges as docker has them. */
static char *ports_text(const struct json *ports)
{
	_cleanup_buf_ struct buf b = { 0 };
	_cleanup_free_ struct port_row *rows = NULL;
	size_t n = port_rows(ports, &rows);
	for (size_t i = 0; i < n; i++) {
		const struct port_row *last = &rows[i];
		if (rows[i].done)
			continue;
		for (size_t k = i + 1; rows[i].same && k < n; k++) {
			struct port_row *next = &rows[k];
			if (next->same && next->inside == last->inside + 1 && !next->host == !last->host &&
				str_eq(next->ip, last->ip) && str_eq(next->protocol, last->protocol)) {
				next->done = true;
				last = next;
			}
		}
		add_port_range(&b, &rows[i], last);
	}
	return buf_take(&b);
}

static char *size_text(const struct json *summary)
{
	_cleanup_free_ char *a = text_size(json_int_of(json_member(summary, "SizeRw")));
	_cleanup_free_ char *b = text_size(json_int_of(json_member(summary, "SizeRootFs")));
	return xasprintf("%s (virtual %s)", a, b);
}

static void set_take(struct json *row, const char *key, char *text)
{
	json_set_string(row, key, text);
	free(text);
}

/* A volume's name, or where a bind comes from; *ret_local counts the volumes. */
static char *mounts_text(const struct json *mounts, bool no_trunc, int *ret_local)
{
	_cleanup_buf_ struct buf b = { 0 };
	for (size_t i = 0; i < json_len(mounts); i++) {
		const struct json *m = json_item(mounts, i);
		const char *name = json_text_of(json_member(m, "Name"));
		const char *text = name && *name ? name : json_text_of(json_member(m, "Source"));
		if (!text || !*text)
			continue;
		_cleanup_free_ char *cut = no_trunc ? xstrdup(text) : text_ellipsis(text, 15);
		buf_addf(&b, "%s%s", b.len ? "," : "", cut);
		*ret_local += str_eq(json_text_of(json_member(m, "Driver")), "local");
	}
	return buf_take(&b);
}

/* "bridge,web": the networks it is in, or asks for. */
static char *networks_text(const struct json *networks)
{
	_cleanup_buf_ struct buf b = { 0 };
	struct json_iter it = { 0 };
	while (json_kind_of(networks) == JSON_OBJECT && json_next(networks, &it))
		buf_addf(&b, "%s%s", b.len ? "," : "", it.key);
	return buf_take(&b);
}

/* "/web,/db/alias": the name without its slash; a link's alias has a second one. */
static char *names_text(const struct json *names)
{
	_cleanup_buf_ struct buf b = { 0 };
	for (size_t i = 0; i < json_len(names); i++) {
		const char *name = json_text_of(json_item(names, i));
		if (name)
			buf_addf(&b, "%s%s", b.len ? "," : "", name + (*name == '/'));
	}
	return buf_take(&b);
}

/* The name it was made from, as long as that still means the same image; the image's id when the tag has
 * moved on or was taken away. */
static char *image_text(struct ps_context *ps, const struct container *c)
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
		int rc = image_lookup(ps->store, c->image, &img, &ignored);
		snprintf(one->id, sizeof(one->id), "%s", rc == -ENOENT ? "none" : rc < 0 ? "" : img.id.text);
		now = one->id;
	}
	bool moved = now && *id && *now && !str_eq(now, id);
	return xstrdup(moved ? id : c->image);
}

void ps_summary_row(const struct json *s, bool no_trunc, bool size, struct json *row)
{
	const char *command = json_text_at(s, "Command", ""), *state = json_text_at(s, "State", ""),
		   *image = json_text_at(s, "Image", "");
	_cleanup_free_ char *cut = no_trunc ? xstrdup(command) : text_ellipsis(command, COMMAND_WIDTH);
	int64_t created = json_int_of(json_member(s, "Created")) * 1000000000;
	bool active = !str_eq(state, "exited") && !str_eq(state, "created") && !str_eq(state, "dead");
	int local = 0;
	set_take(row, "ID",
		no_trunc ? xstrdup(json_text_at(s, "Id", "")) : text_short_id(json_text_at(s, "Id", "")));
	set_take(row, "Names", names_text(json_member(s, "Names")));
	set_take(row, "Image",
		str_starts(image, "sha256:") && !no_trunc ? text_short_id(image) : xstrdup(image));
	set_take(row, "Command", xasprintf("\"%s\"", cut));
	set_take(row, "CreatedAt", created_at(created));
	set_take(row, "RunningFor", text_ago(created));
	json_set_string(row, "Status", json_text_at(s, "Status", ""));
	json_set_string(row, "State", state);
	set_take(row, "Ports", active ? ports_text(json_member(s, "Ports")) : xstrdup(""));
	set_take(row, "Labels", labels_join(json_member(s, "Labels")));
	set_take(row, "Mounts", mounts_text(json_member(s, "Mounts"), no_trunc, &local));
	set_take(row, "LocalVolumes", xasprintf("%d", local));
	set_take(row, "Networks", networks_text(json_at(s, "NetworkSettings.Networks")));
	json_set(row, "Platform", NULL);
	set_take(row, "Size", size ? size_text(s) : xstrdup("0B"));
}

int ps_row(struct ps_context *ps, const struct container *c, bool no_trunc, bool size, struct json *row,
	struct mc_err *err)
{
	_cleanup_json_ struct json *summary = NULL;
	int rc = container_summary(ps->engine, c, size, &summary, err);
	if (rc < 0)
		return rc;
	set_take(summary, "Image", image_text(ps, c));
	ps_summary_row(summary, no_trunc, size, row);
	return 0;
}
