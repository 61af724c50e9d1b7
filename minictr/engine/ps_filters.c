/*
 * ps_filters.c - `ps --filter`: one row a key, with what its value may be and the function that asks it of
 * a container.
 * To add a filter: a row in table[], a match function. Filters of one key are alternatives, but labels,
 * which must all fit.
 */
#include "engine/ps_filters.h"

#include <ctype.h>

#include "engine/events.h"
#include "engine/row_filter.h"
#include "engine/inspect.h"
#include "engine/logs.h"
#include "engine/stop.h"
#include "image/image.h"

struct subject {
	const struct ps_context *ps;
	const struct container *c;
};

/* docker matches the name with its slash and without: "^/web$" and "^web$" both are right. */
static bool match_name(const char *v, void *d)
{
	const struct subject *s = d;
	_cleanup_free_ char *slashed = xasprintf("/%s", s->c->name);
	return filter_regex(v, s->c->name) || filter_regex(v, slashed);
}

static bool match_id(const char *v, void *d) { return str_starts(((const struct subject *)d)->c->id, v); }

static bool match_label(const char *v, void *d)
{
	const struct subject *s = d;
	size_t n = strcspn(v, "=");
	_cleanup_free_ char *key = xstrndup(v, n);
	const char *have = container_label(s->c, key);
	return have && (!v[n] || str_eq(have, v + n + 1));
}

static bool match_no_label(const char *v, void *d) { return !match_label(v, d); }

static bool match_status(const char *v, void *d)
{
	return str_eq(container_status_name(((const struct subject *)d)->c->status), v);
}

static bool match_exited(const char *v, void *d)
{
	const struct subject *s = d;
	int64_t code;
	return s->c->status == CONTAINER_EXITED && parse_i64(v, &code) == 0 && code == s->c->exit_code;
}

/* Are the layers of below the lowest ones of the container's? Both are lists of directories, TOP first. */
static bool stands_on(const struct json *layers, char *const below[])
{
	size_t n = json_len(layers), m = strv_len(below);
	for (size_t i = 0; i < m && m <= n; i++)
		if (!str_eq(json_text_of(json_item(layers, n - m + i)), below[i]))
			return false;
	return m && m <= n;
}

/* The image that the name means today, or one that was made of it. */
static bool match_ancestor(const char *v, void *d)
{
	const struct subject *s = d;
	_cleanup_image_ struct image img = { 0 };
	struct mc_err ignored = { 0 };
	if (image_find(s->ps->store, v, &img, &ignored) < 0)
		return false;
	return str_eq(s->c->image_id, img.id.text) || stands_on(json_member(s->c->doc, "Layers"), img.layers);
}

static const struct container *in_list(const struct container_list *l, const char *name)
{
	for (size_t i = 0; i < l->count; i++)
		if (str_eq(l->items[i].name, name) || (*name && str_starts(l->items[i].id, name)))
			return &l->items[i];
	return NULL;
}

static bool match_before(const char *v, void *d)
{
	const struct subject *s = d;
	const struct container *other = in_list(s->ps->list, v);
	return other && s->c->created < other->created;
}

static bool match_since(const char *v, void *d)
{
	const struct subject *s = d;
	const struct container *other = in_list(s->ps->list, v);
	return other && s->c->created > other->created;
}

static bool match_health(const char *v, void *d)
{
	const struct subject *s = d;
	return str_eq(s->c->health ? s->c->health : "none", v);
}

static bool match_network(const char *v, void *d)
{
	_cleanup_json_ struct json *networks = container_networks(((const struct subject *)d)->c);
	struct json_iter it = { 0 };
	while (json_next(networks, &it)) {
		const char *id = json_text_of(json_member(it.value, "NetworkID"));
		if (str_eq(it.key, v) || (id && *v && strlen(v) >= 12 && str_starts(id, v)))
			return true;
	}
	return false;
}

/* A bind's or volume's source, or the place where it is seen. */
static bool match_volume(const char *v, void *d)
{
	const struct container *c = ((const struct subject *)d)->c;
	const struct json *binds = json_member(c->host, "Binds"), *mounts = json_member(c->host, "Mounts");
	for (size_t i = 0; i < json_len(binds); i++) {
		const char *bind = json_text_of(json_item(binds, i));
		size_t n = bind ? strcspn(bind, ":") : 0,
		       m = bind && bind[n] ? strcspn(bind + n + 1, ":") : 0;
		size_t len = strlen(v);
		if (bind &&
			((len == n && !strncmp(bind, v, n)) || (len == m && !strncmp(bind + n + 1, v, m))))
			return true;
	}
	for (size_t i = 0; i < json_len(mounts); i++)
		if (str_eq(json_text_of(json_member(json_item(mounts, i), "Source")), v) ||
			str_eq(json_text_of(json_member(json_item(mounts, i), "Target")), v))
			return true;
	return json_member(json_member(c->config, "Volumes"), v) != NULL;
}

struct port_words {
	unsigned from, to;
	const char *protocol; /* "tcp" when none is said; borrowed */
};

/* "80", "80-90", "53/udp". */
static bool read_ports(const char *text, struct port_words *ret)
{
	char *end;
	if (!isdigit((unsigned char)*text))
		return false;
	ret->from = ret->to = (unsigned)strtoul(text, &end, 10);
	if (*end == '-' && isdigit((unsigned char)end[1]))
		ret->to = (unsigned)strtoul(end + 1, &end, 10);
	ret->protocol = *end == '/' ? end + 1 : "tcp";
	return (!*end || *end == '/') && ret->from <= ret->to && ret->to <= 65535;
}

static bool has_port(const struct json *ports, const char *v)
{
	struct json_iter it = { 0 };
	struct port_words want, have;
	if (!read_ports(v, &want))
		return false;
	while (json_kind_of(ports) == JSON_OBJECT && json_next(ports, &it))
		if (read_ports(it.key, &have) && have.from >= want.from && have.from <= want.to &&
			str_eq(have.protocol, want.protocol))
			return true;
	return false;
}

static bool match_expose(const char *v, void *d)
{
	return has_port(json_member(((const struct subject *)d)->c->config, "ExposedPorts"), v);
}

static bool match_publish(const char *v, void *d)
{
	return has_port(json_member(((const struct subject *)d)->c->host, "PortBindings"), v);
}

/* A task of Swarm. Docker has the key, and scripts that list everything else use it: none of ours is one. */
static bool match_is_task(const char *v, void *d) { return str_eq(v, "false") || str_eq(v, "0"); }

static const char *const states[] = { "created", "running", "paused", "restarting", "removing", "exited",
	"dead", NULL };
static const char *const healths[] = { "starting", "healthy", "unhealthy", "none", NULL };

static const struct {
	struct filter_key key;
	bool (*match)(const char *value, void *data);
	bool all; /* every value must fit */
} table[] = {
	{ { "name", FILTER_REGEX, NULL }, match_name, false },
	{ { "id", FILTER_TEXT, NULL }, match_id, false },
	{ { "label", FILTER_TEXT, NULL }, match_label, true },
	{ { "label!", FILTER_TEXT, NULL }, match_no_label, true },
	{ { "status", FILTER_WORD, states }, match_status, false },
	{ { "exited", FILTER_NUMBER, NULL }, match_exited, false },
	{ { "ancestor", FILTER_TEXT, NULL }, match_ancestor, false },
	{ { "before", FILTER_TEXT, NULL }, match_before, false },
	{ { "since", FILTER_TEXT, NULL }, match_since, false },
	{ { "health", FILTER_WORD, healths }, match_health, false },
	{ { "network", FILTER_TEXT, NULL }, match_network, false },
	{ { "volume", FILTER_TEXT, NULL }, match_volume, false },
	{ { "expose", FILTER_TEXT, NULL }, match_expose, false },
	{ { "publish", FILTER_TEXT, NULL }, match_publish, false },
	{ { "is-task", FILTER_BOOL, NULL }, match_is_task, false },
};

int ps_filter_check(const struct container_list *list, char *const filters[], struct mc_err *err)
{
	struct filter_key keys[ARRAY_LEN(table) + 1] = { 0 };
	for (size_t i = 0; i < ARRAY_LEN(table); i++)
		keys[i] = table[i].key;
	int rc = filter_check_values(filters, keys, err);
	for (size_t i = 0; rc == 0 && filters && filters[i]; i++) {
		const char *other = str_starts(filters[i], "before=") || str_starts(filters[i], "since=")
					    ? strchr(filters[i], '=') + 1
					    : NULL;
		if (other && !in_list(list, other))
			rc = err_set(err, ENOENT, "No such container: %s", other);
		struct port_words ignored;
		bool port = str_starts(filters[i], "expose=") || str_starts(filters[i], "publish=");
		if (port && !read_ports(strchr(filters[i], '=') + 1, &ignored))
			rc = err_set(
				err, EINVAL, "invalid filter '%s': it is 80, 80-90 or 53/udp", filters[i]);
	}
	return rc;
}

bool ps_filter_asks_state(char *const filters[])
{
	for (size_t i = 0; filters && filters[i]; i++)
		if (str_starts(filters[i], "status=") || str_starts(filters[i], "exited="))
			return true;
	return false;
}

bool ps_filter(const struct ps_context *ps, const struct container *c, char *const filters[])
{
	struct subject s = { ps, c };
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		bool yes = table[i].all ? filter_passes_all(filters, table[i].key.name, table[i].match, &s)
					: filter_passes(filters, table[i].key.name, table[i].match, &s);
		if (!yes)
			return false;
	}
	return true;
}

/* --- prune --- */

static bool match_until(const char *v, void *d)
{
	struct mc_err err = { 0 };
	int64_t limit;
	return logs_parse_time(v, &limit, &err) == 0 && ((const struct subject *)d)->c->created < limit;
}

struct pruning {
	char *const *filters;
	void (*done)(const struct container *, void *);
	void *data;
};

/* Kept is what a filter does not name. */
static bool prune_keeps(const struct container *c, void *data)
{
	const struct pruning *p = data;
	struct subject s = { .c = c };
	return !filter_passes_all(p->filters, "label", match_label, &s) ||
	       !filter_passes(p->filters, "until", match_until, &s) ||
	       !filter_passes_all(p->filters, "label!", match_no_label, &s);
}

static void prune_done(const struct container *c, void *data)
{
	const struct pruning *p = data;
	p->done(c, p->data);
}

int containers_prune(struct engine *e, char *const filters[], void (*done)(const struct container *, void *),
	void *data, uint64_t *ret_bytes, struct mc_err *err)
{
	static const struct filter_key keys[] = { { "until", FILTER_TIME, NULL },
		{ "label", FILTER_TEXT, NULL }, { "label!", FILTER_TEXT, NULL }, { 0 } };
	struct pruning p = { filters, done, data };
	int rc = filter_check_values(filters, keys, err);
	if (rc >= 0)
		rc = container_prune(e, prune_keeps, prune_done, &p, ret_bytes, err);
	if (rc >= 0)
		event_prune(e, "container", *ret_bytes);
	return rc;
}
