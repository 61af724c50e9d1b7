/*
 * network_filters.c - see network_filters.h.
 */
#include "engine/network_filters.h"

#include "engine/events.h"
#include "engine/logs.h"
#include "engine/row_filter.h"

static const char *const network_types[] = { "custom", "builtin", NULL };
static const struct filter_key list_keys[] = { { "name", FILTER_TEXT, NULL }, { "id", FILTER_TEXT, NULL },
	{ "driver", FILTER_TEXT, NULL }, { "label", FILTER_TEXT, NULL },
	{ "type", FILTER_WORD, network_types }, { "dangling", FILTER_BOOL, NULL },
	{ "scope", FILTER_TEXT, NULL }, { 0 } };

struct network_subject {
	struct engine *engine;
	const struct network *n;
};

static bool match_name(const char *v, void *d) { return strstr(((struct network_subject *)d)->n->name, v); }
static bool match_id(const char *v, void *d) { return str_starts(((struct network_subject *)d)->n->id, v); }
static bool match_driver(const char *v, void *d)
{
	return str_eq(((struct network_subject *)d)->n->driver, v);
}
static bool match_scope(const char *v, void *d) { return str_eq(v, "local"); }

static bool match_type(const char *v, void *d)
{
	return str_eq(
		v, network_is_predefined(((struct network_subject *)d)->n->name) ? "builtin" : "custom");
}

static bool match_label(const char *v, void *d)
{
	_cleanup_free_ char *key = xstrndup(v, strcspn(v, "="));
	const struct json *labels = json_member(((struct network_subject *)d)->n->doc, "Labels");
	const char *have = json_text_of(json_member(labels, key));
	return have && (!v[strlen(key)] || str_eq(have, v + strlen(key) + 1));
}

static bool match_dangling(const char *v, void *d)
{
	struct network_subject *s = d;
	bool dangling = !network_is_predefined(s->n->name) && !engine_network_is_used(s->engine, s->n);
	return (str_eq(v, "true") || str_eq(v, "1")) == dangling;
}

int network_filters_check(char *const filters[], struct mc_err *err)
{
	return filter_check_values(filters, list_keys, err);
}

bool network_passes(struct engine *e, const struct network *n, char *const filters[])
{
	struct network_subject subject = { e, n }, *s = &subject;
	return filter_passes(filters, "name", match_name, s) && filter_passes(filters, "id", match_id, s) &&
	       filter_passes(filters, "driver", match_driver, s) &&
	       filter_passes(filters, "label", match_label, s) &&
	       filter_passes(filters, "type", match_type, s) &&
	       filter_passes(filters, "scope", match_scope, s) &&
	       filter_passes(filters, "dangling", match_dangling, s);
}

/* --- prune --- */

static const struct filter_key prune_keys[] = { { "until", FILTER_TIME, NULL },
	{ "label", FILTER_TEXT, NULL }, { "label!", FILTER_TEXT, NULL }, { 0 } };

static bool match_until(const char *v, void *d)
{
	struct mc_err err = { 0 };
	int64_t limit;
	return logs_parse_time(v, &limit, &err) == 0 && ((struct network_subject *)d)->n->created < limit;
}

static bool prune_passes(char *const filters[], struct network_subject *s)
{
	if (network_is_predefined(s->n->name) || engine_network_is_used(s->engine, s->n) ||
		!filter_passes(filters, "label", match_label, s) ||
		!filter_passes(filters, "until", match_until, s))
		return false;
	for (size_t i = 0; filters && filters[i]; i++)
		if (str_starts(filters[i], "label!=") && match_label(filters[i] + strlen("label!="), s))
			return false;
	return true;
}

int network_prune_check(char *const filters[], struct mc_err *err)
{
	return filter_check_values(filters, prune_keys, err);
}

int engine_networks_prune(struct engine *e, char *const filters[], void (*done)(const char *name, void *),
	void *data, struct mc_err *err)
{
	_cleanup_network_list_ struct network_list all = { 0 };
	struct net_home h = engine_networks(e);
	int rc = network_prune_check(filters, err);
	if (rc >= 0)
		rc = network_list(&h, &all, err);
	_cleanup_close_ int lock = rc < 0 ? rc : net_lock(e, err); /* no `network rm` is half-way */
	if (lock >= 0)
		network_sweep(&h);
	lock = close_fd(lock);
	for (size_t i = 0; rc >= 0 && i < all.count; i++) {
		struct network_subject s = { e, &all.items[i] };
		struct mc_err ignored = { 0 };
		char name[256];
		/* A container has taken it meanwhile: it stays. */
		if (prune_passes(filters, &s) &&
			engine_network_remove(e, all.items[i].id, name, &ignored) >= 0)
			done(name, data);
	}
	if (rc >= 0)
		event_prune(e, "network", 0);
	return rc < 0 ? rc : 0;
}
