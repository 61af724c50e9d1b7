/*
 * row_filter.c - --filter: which keys and values there are, and whether a row passes.
 *
 * Order and why: a value that means nothing is an error before the list is made. A filter that matches
 * nothing prints an empty list, which a script takes for "there is none".
 */
#include "engine/row_filter.h"

#include <regex.h>

#include "base/buf.h"
#include "engine/logs.h"

static int no_pair(const char *filter, struct mc_err *err)
{
	return err_set(err, EINVAL, "invalid filter '%s': it has the form KEY=VALUE", filter);
}

/* names: all keys that are known here, separated by ", ". */
static int unknown_key(const char *filter, const char *names, struct mc_err *err)
{
	err_set(err, EINVAL, "invalid filter '%.*s'", (int)strcspn(filter, "="), filter);
	return err_hint(err, "known keys: %s", names);
}

static bool is_key(const char *filter, const char *key)
{
	size_t n = strlen(key);
	return !strncmp(filter, key, n) && filter[n] == '=';
}

int filter_check(char *const filters[], const char *const keys[], struct mc_err *err)
{
	for (size_t i = 0; filters && filters[i]; i++) {
		size_t k = 0;
		if (!strchr(filters[i], '='))
			return no_pair(filters[i], err);
		while (keys[k] && !is_key(filters[i], keys[k]))
			k++;
		if (keys[k])
			continue;
		_cleanup_buf_ struct buf known = { 0 };
		for (k = 0; keys[k]; k++)
			buf_addf(&known, "%s%s", k ? ", " : "", keys[k]);
		return unknown_key(filters[i], known.data, err);
	}
	return 0;
}

bool filter_regex(const char *pattern, const char *text)
{
	regex_t r;
	if (regcomp(&r, pattern, REG_EXTENDED | REG_NOSUB) != 0)
		return false;
	bool yes = regexec(&r, text, 0, NULL, 0) == 0;
	regfree(&r);
	return yes;
}

static int check_regex(const char *pattern, const char *filter, struct mc_err *err)
{
	regex_t r;
	char why[120];
	int rc = regcomp(&r, pattern, REG_EXTENDED | REG_NOSUB);
	if (rc == 0) {
		regfree(&r);
		return 0;
	}
	regerror(rc, &r, why, sizeof(why));
	err_set(err, EINVAL, "invalid filter '%s': %s", filter, why);
	return err_hint(err, "expected a regular expression (regex(7)), such as name=^web$");
}

static int check_word(const struct filter_key *k, const char *value, const char *filter, struct mc_err *err)
{
	static const char *const booleans[] = { "true", "false", "1", "0", NULL };
	const char *const *words = k->value == FILTER_BOOL ? booleans : k->words;
	_cleanup_buf_ struct buf known = { 0 };
	for (size_t i = 0; words[i]; i++) {
		if (str_eq(value, words[i]))
			return 0;
		buf_addf(&known, "%s%s", i ? ", " : "", words[i]);
	}
	err_set(err, EINVAL, "invalid filter '%s'", filter);
	return err_hint(err, "%s must be one of: %s", k->name, known.data);
}

static int check_value(const struct filter_key *k, const char *filter, struct mc_err *err)
{
	const char *value = filter + strlen(k->name) + 1;
	int64_t n;
	switch (k->value) {
	case FILTER_TEXT:
		return *value ? 0
			      : err_set(err, EINVAL, "invalid filter '%s': the value after '=' is missing",
					filter);
	case FILTER_WORD:
	case FILTER_BOOL: return check_word(k, value, filter, err);
	case FILTER_NUMBER:
		return parse_i64(value, &n) == 0
			       ? 0
			       : err_set(err, EINVAL, "invalid filter '%s': %s must be a whole number",
					 filter, k->name);
	case FILTER_TIME:
		if (logs_parse_time(value, &n, err) == 0)
			return 0;
		return err_wrap(err, "invalid filter '%s'", filter);
	case FILTER_REGEX: return check_regex(value, filter, err);
	}
	return 0;
}

int filter_check_values(char *const filters[], const struct filter_key keys[], struct mc_err *err)
{
	int rc = 0;
	for (size_t i = 0; rc == 0 && filters && filters[i]; i++) {
		size_t k = 0;
		if (!strchr(filters[i], '='))
			return no_pair(filters[i], err);
		while (keys[k].name && !is_key(filters[i], keys[k].name))
			k++;
		if (keys[k].name) {
			rc = check_value(&keys[k], filters[i], err);
			continue;
		}
		_cleanup_buf_ struct buf known = { 0 };
		for (k = 0; keys[k].name; k++)
			buf_addf(&known, "%s%s", k ? ", " : "", keys[k].name);
		return unknown_key(filters[i], known.data, err);
	}
	return rc;
}

bool filter_passes(
	char *const filters[], const char *key, bool (*match)(const char *value, void *data), void *data)
{
	bool asked = false;
	for (size_t i = 0; filters && filters[i]; i++) {
		if (!is_key(filters[i], key))
			continue;
		asked = true;
		if (match(filters[i] + strlen(key) + 1, data))
			return true;
	}
	return !asked;
}

bool filter_passes_all(
	char *const filters[], const char *key, bool (*match)(const char *value, void *data), void *data)
{
	for (size_t i = 0; filters && filters[i]; i++)
		if (is_key(filters[i], key) && !match(filters[i] + strlen(key) + 1, data))
			return false;
	return true;
}
