/*
 * merge.c - how a later file changes an earlier one, by the table of canon.c.
 *
 * !reset takes a key away, !override puts the later value in place of the earlier one where it would have
 * been merged.
 */
#include "compose/merge.h"

static bool merge_has_text(const struct yaml *list, const struct yaml *item)
{
	for (size_t i = 0; i < list->n; i++)
		if (ynode_text(item) && str_eq(ynode_text(list->items[i]), ynode_text(item)))
			return true;
	return false;
}

static void merge_append(struct yaml *base, const struct yaml *later, bool unique)
{
	for (size_t i = 0; i < later->n; i++)
		if (!unique || !merge_has_text(base, later->items[i]))
			ynode_add(base, ynode_copy(later->items[i]));
}

/*
 * Maps without a table of their own (environment, labels, networks.default ...): key by key, lists
 * appended.
 */
static void merge_plain(struct yaml *base, const struct yaml *later)
{
	for (size_t i = 0; i < later->n; i++) {
		struct yaml *have = ynode_get(base, later->keys[i]);
		const struct yaml *value = later->items[i];
		bool replace = str_eq(
			later->keys[i], "test"); /* of a healthcheck: a command, not a list of things */
		if (value->merge == YAML_RESET)
			ynode_unset(base, later->keys[i]);
		else if (have && have->kind == YAML_MAP && value->kind == YAML_MAP &&
			 value->merge == YAML_MERGE)
			merge_plain(have, value);
		else if (have && have->kind == YAML_LIST && value->kind == YAML_LIST &&
			 value->merge == YAML_MERGE && !replace)
			merge_append(have, value, true);
		else
			ynode_set(base, later->keys[i], ynode_copy(value));
	}
}

/* Options of another logging driver mean nothing to this one. */
static bool merge_is_other_driver(const char *key, const struct yaml *have, const struct yaml *value)
{
	const char *old = ynode_text(ynode_get(have, "driver")),
		   *new = ynode_text(ynode_get(value, "driver"));
	return str_eq(key, "logging") && old && new && !str_eq(old, new);
}

static void merge_value(
	struct yaml *base, const char *key, struct yaml *have, const struct yaml *value, enum canon_merge how)
{
	bool both_lists = have->kind == YAML_LIST && value->kind == YAML_LIST;
	bool both_maps = have->kind == YAML_MAP && value->kind == YAML_MAP;
	if (value->merge == YAML_OVERRIDE || how == CANON_REPLACE || (!both_lists && !both_maps) ||
		merge_is_other_driver(key, have, value))
		ynode_set(base, key, ynode_copy(value));
	else if (both_maps)
		merge_plain(have, value);
	else if (how == CANON_BY_TARGET)
		canon_put_by_target(have, value);
	else
		merge_append(have, value, how == CANON_UNIQUE);
}

void merge_map(struct yaml *base, const struct yaml *later, const struct canon_key *keys)
{
	for (size_t i = 0; i < later->n; i++) {
		const char *name = later->keys[i];
		const struct canon_key *k = canon_find(keys, name);
		struct yaml *have = ynode_get(base, name);
		if (later->items[i]->merge == YAML_RESET)
			ynode_unset(base, name);
		else if (!have || !k)
			ynode_set(base, name, ynode_copy(later->items[i]));
		else if (!ynode_is_null(later->items[i]) || k->merge == CANON_REPLACE)
			merge_value(base, name, have, later->items[i], k->merge);
	}
}

void merge_service(struct yaml *base, const struct yaml *later)
{
	merge_map(base, later, canon_service_keys);
}
