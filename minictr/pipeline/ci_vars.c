/*
 * ci_vars.c - variables: ranks, reading, expansion.
 *
 * Order and why: values are kept as they are written, and expanded when a job starts: only then is known
 * what a dotenv report of an earlier job says. A file is untrusted: A=$B$B, B=$C$C ... doubles with each
 * name, so the length of the result is limited.
 */
#include "pipeline/ci_vars.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/buf.h"

enum { EXPAND_MAX = 1 << 20, EXPAND_DEPTH_MAX = 50, EXPAND_NAMES_MAX = 100000, DOTENV_MAX = 1000 };

void ci_vars_set(struct ci_vars *v, const char *name, const char *value)
{
	_cleanup_free_ char *pair = xasprintf("%s=%s", name, value);
	strv_env_set(&v->pairs, pair);
	for (char **r = v->raw; r && *r; r++) /* the later one decides about expansion, too */
		if (str_eq(*r, name))
			**r = '\0';
}

void ci_vars_setf(struct ci_vars *v, const char *name, const char *fmt, ...)
{
	va_list args;
	char *value = NULL;
	va_start(args, fmt);
	if (vasprintf(&value, fmt, args) < 0)
		value = NULL;
	va_end(args);
	ci_vars_set(v, name, value ? value : "");
	free(value);
}

void ci_vars_add(struct ci_vars *v, const struct ci_vars *from)
{
	for (char **p = from->pairs; p && *p; p++) {
		_cleanup_free_ char *name = xstrndup(*p, strcspn(*p, "="));
		ci_vars_set(v, name, *p + strlen(name) + 1);
		if (strv_has(from->raw, name))
			strv_push(&v->raw, name);
	}
}

const char *ci_vars_get(const struct ci_vars *v, const char *name) { return strv_env(v->pairs, name); }

void ci_vars_release(struct ci_vars *v)
{
	strv_free(v->pairs);
	strv_free(v->raw);
	*v = (struct ci_vars){ 0 };
}

bool ci_vars_is_name(const char *text)
{
	if (!*text || isdigit((unsigned char)*text))
		return false;
	while (*text && (isalnum((unsigned char)*text) || *text == '_'))
		text++;
	return !*text;
}

/* --- reading --- */

static int read_one(const char *name, const struct yaml *y, struct ci_vars *into, struct mc_err *err)
{
	const struct yaml *value = y->kind == YAML_MAP ? ynode_get(y, "value") : y;
	bool expand = true;
	if (!ci_vars_is_name(name)) {
		ynode_warn(y, "variables: \"%s\" is no name that a shell can read: left out", name);
		return 0;
	}
	if (ynode_get(y, "expand") && ynode_bool(ynode_get(y, "expand"), "expand", &expand, err) < 0)
		return -EINVAL;
	if (value && value->kind != YAML_SCALAR && value->kind != YAML_NULL)
		return ynode_error(value, err, "variables: the value of %s must be a string", name);
	ci_vars_set(into, name, ynode_text(value) ? ynode_text(value) : "");
	if (!expand)
		strv_push(&into->raw, name);
	return 0;
}

int ci_vars_read(const struct yaml *map, struct ci_vars *into, struct mc_err *err)
{
	if (ynode_is_null(map))
		return 0;
	int rc = ynode_want_map(map, "variables", err);
	for (size_t i = 0; rc >= 0 && i < map->n; i++)
		rc = read_one(map->keys[i], map->items[i], into, err);
	return rc;
}

int ci_vars_read_dotenv(const char *text, struct ci_vars *into, struct mc_err *err)
{
	_cleanup_free_ char *copy = xstrdup(text);
	char *save = NULL;
	int n = 0;
	for (char *line = strtok_r(copy, "\r\n", &save); line; line = strtok_r(NULL, "\r\n", &save)) {
		line += strspn(line, " \t");
		char *equals = strchr(line, '=');
		if (!equals || ++n > DOTENV_MAX)
			return err_set(err, EINVAL,
				equals ? "a dotenv report has more than 1000 variables"
				       : "a dotenv report has NAME=value lines, not \"%.100s\"",
				line);
		*equals = '\0';
		if (!ci_vars_is_name(line))
			return err_set(
				err, EINVAL, "a dotenv report: \"%.100s\" is no name of a variable", line);
		char *value = equals + 1;
		size_t len = strlen(value);
		if (len >= 2 && (*value == '"' || *value == '\'') && value[len - 1] == *value) {
			value[len - 1] = '\0';
			value++;
		}
		ci_vars_set(into, line, value);
		strv_push(&into->raw, line);
	}
	return 0;
}

/* --- expansion --- */

struct expander {
	const struct ci_vars *vars;
	const char *open[EXPAND_DEPTH_MAX]; /* names being expanded: one that comes again is a circle */
	size_t depth, names;                /* names looked up so far: empty values double, too */
	struct buf out;
};

/* Length of "$NAME" or "${NAME}" at p, 0: it is none. The name is name[0..*len). */
static size_t reference_at(const char *p, const char **name, size_t *len)
{
	bool brace = p[1] == '{';
	*name = p + 1 + brace;
	if (isdigit((unsigned char)**name))
		return 0;
	for (*len = 0; isalnum((unsigned char)(*name)[*len]) || (*name)[*len] == '_';)
		++*len;
	if (!*len || (brace && (*name)[*len] != '}'))
		return 0;
	return *len + 1 + 2 * (size_t)brace;
}

static int expand_into(struct expander *x, const char *text, struct mc_err *err);

static int expand_name(
	struct expander *x, const char *name, const char *written, size_t n, struct mc_err *err)
{
	const char *value = ci_vars_get(x->vars, name);
	x->names++;
	for (size_t i = 0; i < x->depth; i++)
		if (str_eq(x->open[i], name)) {
			buf_add(&x->out, written, n);
			return 0;
		}
	if (!value)
		return 0;
	if (strv_has(x->vars->raw, name)) {
		buf_adds(&x->out, value);
		return 0;
	}
	if (x->depth == EXPAND_DEPTH_MAX)
		return err_set(err, E2BIG, "variable %s: references nested more than 50 deep", name);
	x->open[x->depth++] = name;
	int rc = expand_into(x, value, err);
	x->depth--;
	return rc;
}

static int expand_into(struct expander *x, const char *text, struct mc_err *err)
{
	int rc = 0;
	for (const char *p = text; rc >= 0 && *p;) {
		const char *name;
		size_t len, n;
		if (x->out.len > EXPAND_MAX || x->names > EXPAND_NAMES_MAX)
			return err_set(err, E2BIG, "the variables of a value grow beyond a mebibyte");
		if (*p == '$' && p[1] == '$') {
			buf_adds(&x->out, "$");
			p += 2;
		} else if (*p == '$' && (n = reference_at(p, &name, &len)) > 0) {
			_cleanup_free_ char *key = xstrndup(name, len);
			rc = expand_name(x, key, p, n, err);
			p += n;
		} else {
			n = 1 + strcspn(p + 1, "$");
			buf_add(&x->out, p, n);
			p += n;
		}
	}
	return rc;
}

int ci_vars_expand(const struct ci_vars *v, const char *text, char **ret, struct mc_err *err)
{
	struct expander x = { .vars = v };
	int rc = expand_into(&x, text, err);
	if (rc >= 0)
		*ret = buf_take(&x.out);
	buf_release(&x.out);
	return rc;
}

int ci_vars_environment(const struct ci_vars *v, char ***ret, struct mc_err *err)
{
	_cleanup_strv_ char **env = NULL;
	for (char **p = v->pairs; p && *p; p++) {
		_cleanup_free_ char *name = xstrndup(*p, strcspn(*p, "=")), *value = NULL;
		struct expander x = { .vars = v };
		int rc = expand_name(&x, name, "", 0, err);
		if (rc < 0) {
			buf_release(&x.out);
			return rc;
		}
		value = buf_take(&x.out);
		strv_pushf(&env, "%s=%s", name, value);
	}
	*ret = take_ptr(&env);
	return 0;
}
