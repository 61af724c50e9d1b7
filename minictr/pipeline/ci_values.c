/*
 * ci_values.c - reading single values.
 */
#include "pipeline/ci_values.h"

#include <ctype.h>

enum { LIST_DEPTH_MAX = 10, LIST_ITEMS_MAX = 10000 };

static int strings_into(const struct yaml *y, const char *what, int depth, char ***ret, struct mc_err *err)
{
	if (ynode_is_null(y))
		return 0;
	if (y->kind == YAML_MAP) {
		ynode_error(y, err, "%s: a string was expected, and this is a map", what);
		return err_hint(err, "a colon and a blank make a map: put the line in quotes");
	}
	if (y->kind == YAML_SCALAR) {
		strv_push(ret, y->text);
		return 0;
	}
	if (depth > LIST_DEPTH_MAX || y->n > LIST_ITEMS_MAX)
		return ynode_error(
			y, err, "%s: lists nested more than 10 deep, or more than 10000 entries", what);
	int rc = 0;
	for (size_t i = 0; rc >= 0 && i < y->n; i++)
		rc = strings_into(y->items[i], what, depth + 1, ret, err);
	return rc;
}

int ci_strings(const struct yaml *y, const char *what, char ***ret, struct mc_err *err)
{
	return strings_into(y, what, 0, ret, err);
}

int ci_strings_expanded(
	const struct yaml *y, const char *what, const struct ci_vars *vars, char ***ret, struct mc_err *err)
{
	_cleanup_strv_ char **plain = NULL;
	int rc = ci_strings(y, what, &plain, err);
	for (char **p = plain; rc >= 0 && p && *p; p++) {
		_cleanup_free_ char *one = NULL;
		rc = ci_vars_expand(vars, *p, &one, err);
		if (rc >= 0)
			strv_push(ret, one);
	}
	return rc;
}

int ci_text_expanded(
	const struct yaml *y, const char *what, const struct ci_vars *vars, char **ret, struct mc_err *err)
{
	const char *text;
	*ret = NULL;
	if (ynode_is_null(y))
		return 0;
	int rc = ynode_want_text(y, what, &text, err);
	return rc < 0 ? rc : ci_vars_expand(vars, text, ret, err);
}

static int64_t unit_of(const char *word, size_t len)
{
	static const struct {
		const char *words;
		int64_t seconds;
	} units[] = { { " s sec secs second seconds ", 1 }, { " m min mins minute minutes ", 60 },
		{ " h hr hrs hour hours ", 3600 }, { " d day days ", 86400 }, { " w week weeks ", 604800 } };
	_cleanup_free_ char *padded = xasprintf(" %.*s ", (int)len, word);
	for (size_t i = 0; i < ARRAY_LEN(units); i++)
		if (strstr(units[i].words, padded))
			return units[i].seconds;
	return 0;
}

int ci_duration(const struct yaml *y, const char *what, int64_t *ret_ns, struct mc_err *err)
{
	const char *text, *p;
	int64_t sum = 0;
	int rc = ynode_want_text(y, what, &text, err);
	if (rc < 0)
		return rc;
	for (p = text; *p;) {
		char *end;
		double n = strtod(p, &end);
		if (end == p || n < 0 || n > 1e7 || !isdigit((unsigned char)*p))
			break;
		end += strspn(end, " ");
		size_t len = 0;
		while (isalpha((unsigned char)end[len]))
			len++;
		int64_t unit = len ? unit_of(end, len) : 1;
		if (!unit)
			break;
		sum += (int64_t)(n * (double)unit * 1e9);
		p = end + len;
		p += strspn(p, " ,");
		p += str_starts(p, "and ") ? 4 : 0;
	}
	if (*p || p == text)
		return ynode_error(y, err, "%s: \"%s\" is no time: 90 minutes, 1h 30m, 3600", what, text);
	*ret_ns = sum;
	return 0;
}

int ci_numbers(
	const struct yaml *y, const char *what, int64_t ret[], size_t max, size_t *n, struct mc_err *err)
{
	*n = 0;
	if (ynode_is_null(y))
		return 0;
	if (y->kind != YAML_LIST) {
		*n = 1;
		return ynode_int(y, what, &ret[0], err);
	}
	int rc = 0;
	for (size_t i = 0; rc >= 0 && i < y->n; i++) {
		if (*n == max)
			return ynode_error(y, err, "%s: more than %zu numbers", what, max);
		rc = ynode_int(y->items[i], what, &ret[(*n)++], err);
	}
	return rc;
}
