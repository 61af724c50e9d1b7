/*
 * volume_filters.c - see volume_filters.h.
 */
#include "engine/volume_filters.h"

#include <regex.h>

#include "engine/events.h"
#include "engine/row_filter.h"

static const char *const volume_list_keys[] = { "dangling", "driver", "label", "name", NULL };
static const char *const volume_prune_keys[] = { "all", "label", "label!", NULL };

static bool volume_is_true(const char *word) { return str_eq(word, "true") || str_eq(word, "1"); }

static bool volume_has_users(const struct json *v)
{
	return json_int_of(json_at(v, "UsageData.RefCount")) > 0;
}

static bool volume_match_label(const char *word, void *data)
{
	_cleanup_free_ char *key = xstrndup(word, strcspn(word, "="));
	const char *have = json_text_of(json_member(json_member(data, "Labels"), key));
	return have && (!word[strlen(key)] || str_eq(have, word + strlen(key) + 1));
}

static bool volume_match_name(const char *word, void *data)
{
	regex_t pattern;
	if (regcomp(&pattern, word, REG_EXTENDED | REG_NOSUB) != 0)
		return strstr(json_text_at(data, "Name", ""), word) != NULL;
	bool found = regexec(&pattern, json_text_at(data, "Name", ""), 0, NULL, 0) == 0;
	regfree(&pattern);
	return found;
}

static bool volume_match_driver(const char *word, void *data)
{
	return str_eq(json_text_at(data, "Driver", ""), word);
}

static bool volume_match_dangling(const char *word, void *data)
{
	return volume_is_true(word) ? !volume_has_users(data) : volume_has_users(data);
}

/* Labels are and-ed: each one narrows. The others of one key are alternatives. */
static bool volume_has_labels(char *const filters[], const char *key, bool wanted, struct json *v)
{
	size_t n = strlen(key);
	for (size_t i = 0; filters && filters[i]; i++)
		if (str_starts(filters[i], key) && filters[i][n] == '=' &&
			volume_match_label(filters[i] + n + 1, v) != wanted)
			return false;
	return true;
}

static int volume_check_booleans(char *const filters[], const char *key, struct mc_err *err)
{
	size_t n = strlen(key);
	for (size_t i = 0; filters && filters[i]; i++) {
		if (!str_starts(filters[i], key) || filters[i][n] != '=')
			continue;
		const char *word = filters[i] + n + 1;
		if (!volume_is_true(word) && !str_eq(word, "false") && !str_eq(word, "0"))
			return err_set(err, EINVAL, "invalid filter '%s=%s': expected true, false, 1 or 0",
				key, word);
	}
	return 0;
}

bool volume_passes(const struct json *volume, char *const filters[])
{
	struct json *v = (struct json *)volume; /* only read */
	return filter_passes(filters, "name", volume_match_name, v) &&
	       filter_passes(filters, "driver", volume_match_driver, v) &&
	       filter_passes(filters, "dangling", volume_match_dangling, v) &&
	       volume_has_labels(filters, "label", true, v);
}

int volume_filters_check(char *const filters[], struct mc_err *err)
{
	int rc = filter_check(filters, volume_list_keys, err);
	return rc < 0 ? rc : volume_check_booleans(filters, "dangling", err);
}

/* --- prune --- */

int volume_prune_check(char *const filters[], bool *all, struct mc_err *err)
{
	int rc = filter_check(filters, volume_prune_keys, err);
	if (rc == 0)
		rc = volume_check_booleans(filters, "all", err);
	for (size_t i = 0; filters && filters[i]; i++)
		*all = *all || str_eq(filters[i], "all=true") || str_eq(filters[i], "all=1");
	return rc;
}

int engine_volumes_prune(struct engine *e, bool all, char *const filters[],
	void (*done)(const struct json *, void *), void *data, uint64_t *freed, struct mc_err *err)
{
	_cleanup_json_ struct json *list = NULL;
	int rc = engine_volume_list(e, true, &list, err);
	for (size_t i = 0; rc == 0 && i < json_len(list); i++) {
		struct json *v = (struct json *)json_item(list, i);
		struct mc_err used = { 0 };
		bool anonymous = json_member(json_member(v, "Labels"), volume_anonymous_label) != NULL;
		if (volume_has_users(v) || (!all && !anonymous) ||
			!volume_has_labels(filters, "label", true, v) ||
			!volume_has_labels(filters, "label!", false, v))
			continue;
		if (engine_volume_remove(e, json_text_at(v, "Name", ""), false, &used) < 0)
			continue; /* a container has taken it meanwhile */
		done(v, data);
		int64_t size = json_int_of(json_at(v, "UsageData.Size"));
		*freed += size > 0 ? (uint64_t)size : 0;
	}
	if (rc == 0)
		event_prune(e, "volume", *freed);
	return rc;
}
