/*
 * config_view.c - the model as `compose config` shows it: without what nothing uses and what says nothing.
 *
 * The model keeps `read_only: false` and `ports: []`, since a later file may override with them; a reader of
 * the result has no use for them, and docker compose leaves them out, too. Both print the same model
 * for the same files, so that either's output can be fed to the other.
 */
#include "compose/config_view.h"

#include "compose/canon.h"

/* Maps of the user's own words: there an empty value means something. */
static const char *const view_pairs[] = { "environment", "labels", "args", "annotations", "sysctls",
	"driver_opts", "options", "additional_contexts", "aux_addresses" };
/* Nothing is shown as null, since it is the image's own value that counts. */
static const char *const view_null[] = { "command", "entrypoint" };
/* false and 0 are shown where "not said" means something else. */
static const char *const view_false[] = { "attach", "init", "required", "enable_ipv4", "enable_ipv6", "scale",
	"replicas", "retries", "max_attempts", "parallelism" };
/* Sizes are printed as strings, and 0 means none. */
static const char *const view_sizes[] = { "mem_limit", "mem_reservation", "memswap_limit", "memory", "size",
	"shm_size" };
/* Maps that are left out when empty; others are an object that is there or not. */
static const char *const view_lists[] = { "ulimits", "depends_on", "networks", "extra_hosts" };

static bool view_in(const char *const words[], size_t n, const char *word)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(words[i], word))
			return true;
	return false;
}
#define IN(words, word) view_in(words, ARRAY_LEN(words), word)

static bool view_says_nothing(const char *key, const struct yaml *y)
{
	const char *t = ynode_text(y);
	if (t && !y->quoted)
		return (str_eq(t, "false") || str_eq(t, "0")) && !IN(view_false, key);
	if (t)
		return !*t || (str_eq(t, "0") && IN(view_sizes, key));
	if (IN(view_null, key))
		return false;
	if (y->kind == YAML_MAP)
		return !y->n && (IN(view_pairs, key) || IN(view_lists, key));
	return !y->n;
}

static bool view_all_empty(const struct yaml *list)
{
	for (size_t i = 0; i < list->n; i++)
		if (!ynode_text(list->items[i]) || *ynode_text(list->items[i]))
			return false;
	return true;
}

/* names: the keys of this map are names (of networks, services), and nothing behind one is no mistake. */
static void view_prune(struct yaml *y, bool json, bool names)
{
	for (size_t i = 0; i < y->n;) {
		const char *key = y->kind == YAML_MAP ? y->keys[i] : NULL;
		struct yaml *item = y->items[i];
		if (!key || !IN(view_pairs, key) || item->kind != YAML_MAP)
			view_prune(item, json,
				key && !names && (str_eq(key, "networks") || str_eq(key, "depends_on")));
		bool hidden = key && json && !names && str_starts(key, "x-");
		bool blank = key && item->kind == YAML_LIST &&
			     (str_eq(key, "dns") || str_eq(key, "dns_search")) && view_all_empty(item);
		if (key && (hidden || blank || (!names && view_says_nothing(key, item)))) {
			_cleanup_free_ char *gone = xstrdup(key);
			ynode_unset(y, gone);
		} else {
			i++;
		}
	}
}

/* --- what compose always shows --- */

static void view_object(struct yaml *map, const char *key)
{
	if (map && map->kind == YAML_MAP && ynode_is_null(ynode_get(map, key)))
		ynode_set(map, key, ynode_new(YAML_MAP, map));
}

/* JSON names what compose has objects for, also when nothing is in them. */
static void view_service(struct yaml *s)
{
	const struct yaml *watch = ynode_get(ynode_get(s, "develop"), "watch");
	for (size_t i = 0; i < ARRAY_LEN(view_null); i++)
		if (!ynode_get(s, view_null[i]))
			ynode_set(s, view_null[i], ynode_new(YAML_NULL, s));
	view_object(ynode_get(s, "deploy"), "resources");
	view_object(ynode_get(s, "deploy"), "placement");
	for (size_t i = 0; watch && i < watch->n; i++) {
		view_object(watch->items[i], "exec");
		struct yaml *exec = ynode_get(watch->items[i], "exec");
		if (!ynode_get(exec, "command"))
			ynode_set(exec, "command", ynode_new(YAML_NULL, s));
	}
}

/* --- what nothing uses --- */

static bool view_list_names(const struct yaml *list, const char *name)
{
	for (size_t i = 0; list && i < list->n; i++)
		if (str_eq(ynode_text(ynode_get(list->items[i], "source")), name))
			return true;
	return false;
}

static bool view_is_used(const struct project *p, const char *section, const char *name)
{
	for (size_t i = 0; i < p->services->n; i++) {
		const struct yaml *s = p->services->items[i], *uses = ynode_get(s, section);
		bool found = str_eq(section, "networks") ? ynode_get(uses, name) != NULL
							 : view_list_names(uses, name);
		if (found || (str_eq(section, "secrets") &&
				     view_list_names(ynode_get(ynode_get(s, "build"), section), name)))
			return true;
	}
	return false;
}

static void view_section(struct project *p, const char *section, bool json, bool whole)
{
	struct yaml *all = ynode_get(p->model, section);
	for (size_t i = all ? all->n : 0; i-- > 0;) {
		_cleanup_free_ char *name = xstrdup(all->keys[i]);
		if (!whole && !view_is_used(p, section, name)) {
			ynode_unset(all, name);
			continue;
		}
		if (json && !whole && str_eq(section, "networks"))
			view_object(all->items[i], "ipam");
		view_prune(all->items[i], json && !whole, false);
	}
	if (all && !all->n)
		ynode_unset(p->model, section);
}

void config_view(struct project *p, bool json, bool whole)
{
	static const char *const sections[] = { "networks", "volumes", "secrets", "configs" };
	for (size_t i = 0; i < ARRAY_LEN(sections); i++)
		view_section(p, sections[i], json, whole);
	for (size_t i = 0; i < p->services->n; i++) {
		if (json && !whole)
			view_service(p->services->items[i]);
		view_prune(p->services->items[i], json && !whole, false);
	}
}
