/*
 * interpolate.c - $V, ${V}, ${V:-default}, ${V-default}, ${V:?error}, ${V?error}, ${V:+other}, ${V+other},
 * and $$ for a dollar.
 *
 * The text behind the operator may hold further variables. With a colon an empty value counts as none. A
 * dollar before anything that cannot begin a name stays as it is ($1, "$ "): compose files are full of shell.
 */
#include "compose/interpolate.h"

#include <ctype.h>

#include "base/buf.h"
#include "base/warn.h"

enum { INTERPOLATE_DEPTH_MAX = 32 };

const char *variables_get(const struct variables *v, const char *name, size_t len)
{
	static const char own[] = "COMPOSE_PROJECT_NAME";
	char *const *const lists[] = { v->environment, v->file };
	if (v->project && len == strlen(own) && !strncmp(name, own, len))
		return v->project;
	for (size_t l = 0; l < ARRAY_LEN(lists); l++)
		for (size_t i = 0; lists[l] && lists[l][i]; i++)
			if (!strncmp(lists[l][i], name, len) && lists[l][i][len] == '=')
				return lists[l][i] + len + 1;
	return NULL;
}

static bool is_name_char(char c) { return isalnum((unsigned char)c) || c == '_'; }

static size_t name_length(const char *p)
{
	size_t n = 0;
	if (isdigit((unsigned char)*p))
		return 0;
	while (is_name_char(p[n]))
		n++;
	return n;
}

/*
 * p stands behind "${": the position of the brace that closes it, counting those between; NULL without
 * one.
 */
static const char *closing_brace(const char *p)
{
	int open = 1;
	for (; *p; p++) {
		if (p[0] == '$' && p[1] == '{')
			open++;
		else if (*p == '}' && --open == 0)
			return p;
	}
	return NULL;
}

static int bad_format(const char *text, const struct yaml *at, struct mc_err *err)
{
	ynode_error(at, err, "invalid interpolation format in \"%s\"", text);
	return err_hint(err, "you may need to escape any $ with another $");
}

static void tell_missing(struct variables *v, const char *name)
{
	if (strv_has(v->missing, name))
		return;
	strv_push(&v->missing, name);
	warn_user("The \"%s\" variable is not set. Defaulting to a blank string.", name);
}

static int expand_into(const char *text, struct variables *v, const struct yaml *at, int depth,
	struct buf *out, struct mc_err *err);

/* name, operator and word of "${...}". */
static int expand_braces(const char *inside, struct variables *v, const struct yaml *at, int depth,
	struct buf *out, struct mc_err *err)
{
	size_t n = name_length(inside);
	const char *op = inside + n;
	bool colon = *op == ':';
	char kind = op[colon];
	if (!n || (*op && (!kind || !strchr("-?+", kind)))) {
		_cleanup_buf_ struct buf whole = { 0 };
		buf_addf(&whole, "${%s}", inside);
		return bad_format(whole.data, at, err);
	}
	_cleanup_free_ char *name = xstrndup(inside, n);
	const char *value = variables_get(v, name, n), *word = *op ? op + colon + 1 : "";
	bool is_set = value && (!colon || *value);
	if (!*op) {
		if (!value)
			tell_missing(v, name);
		buf_adds(out, value ? value : "");
		return 0;
	}
	if (kind == '+')
		return is_set ? expand_into(word, v, at, depth + 1, out, err) : 0;
	if (is_set) {
		buf_adds(out, value);
		return 0;
	}
	if (kind == '-')
		return expand_into(word, v, at, depth + 1, out, err);
	_cleanup_buf_ struct buf message = { 0 };
	int rc = expand_into(word, v, at, depth + 1, &message, err);
	return rc < 0 ? rc
		      : ynode_error(at, err, "required variable %s is missing a value%s%s", name,
				message.len ? ": " : "", message.len ? message.data : "");
}

static int expand_into(const char *text, struct variables *v, const struct yaml *at, int depth,
	struct buf *out, struct mc_err *err)
{
	if (depth > INTERPOLATE_DEPTH_MAX)
		return ynode_error(at, err, "variables are nested more than %d deep", INTERPOLATE_DEPTH_MAX);
	for (const char *p = text; *p;) {
		size_t n = strcspn(p, "$");
		buf_addf(out, "%.*s", (int)n, p);
		p += n;
		if (!*p)
			break;
		if (p[1] == '$') {
			buf_adds(out, "$");
			p += 2;
		} else if (p[1] == '{') {
			const char *end = closing_brace(p + 2);
			if (!end)
				return bad_format(text, at, err);
			_cleanup_free_ char *inside = xstrndup(p + 2, (size_t)(end - p - 2));
			int rc = expand_braces(inside, v, at, depth, out, err);
			if (rc < 0)
				return rc;
			p = end + 1;
		} else if ((n = name_length(p + 1)) > 0) {
			_cleanup_free_ char *name = xstrndup(p + 1, n);
			int rc = expand_braces(name, v, at, depth, out, err);
			if (rc < 0)
				return rc;
			p += n + 1;
		} else {
			buf_adds(out, "$");
			p++;
		}
	}
	return 0;
}

int interpolate(const char *text, struct variables *v, const struct yaml *at, char **ret, struct mc_err *err)
{
	_cleanup_buf_ struct buf out = { 0 };
	buf_adds(&out, "");
	int rc = expand_into(text, v, at, 0, &out, err);
	if (rc >= 0)
		*ret = buf_take(&out);
	return rc;
}

int interpolate_tree(struct yaml *y, struct variables *v, struct mc_err *err)
{
	int rc = 0;
	for (size_t i = 0; rc >= 0 && i < y->n; i++)
		rc = interpolate_tree(y->items[i], v, err);
	if (rc < 0 || y->kind != YAML_SCALAR || !strchr(y->text, '$'))
		return rc;
	char *text = NULL;
	rc = interpolate(y->text, v, y, &text, err);
	if (rc >= 0) {
		free(y->text);
		y->text = text;
	}
	return rc;
}
