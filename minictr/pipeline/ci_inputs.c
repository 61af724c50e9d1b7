/*
 * ci_inputs.c - $[[ inputs.NAME ]] in a file that says what it takes.
 *
 * Unlike a variable an input has a type, is checked before anything runs, and is replaced while the file is
 * read: so it can also name a job or be a list. https://docs.gitlab.com/ci/inputs/
 */
#include "pipeline/ci_inputs.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "pipeline/ci_regex.h"

enum { FUNCTIONS_MAX = 3 };

struct inputs {
	const struct ci_vars *vars;
	struct yaml *values; /* name: value */
};

/* --- what the file takes --- */

static int input_type(const char *name, const struct yaml *spec, const struct yaml *v, struct mc_err *err)
{
	const char *type = ynode_text(ynode_get(spec, "type")), *text = ynode_text(v);
	char *end = NULL;
	bool right = false;
	type = type ? type : "string";
	if (str_eq(type, "array"))
		right = v->kind == YAML_LIST;
	else if (str_eq(type, "number"))
		right = text && !v->quoted && *text && (strtod(text, &end), !*end);
	else if (str_eq(type, "boolean"))
		right = text && !v->quoted && (str_eq(text, "true") || str_eq(text, "false"));
	else if (str_eq(type, "string"))
		right = text && (v->quoted || (!str_eq(text, "true") && !str_eq(text, "false")));
	else
		return ynode_error(spec, err,
			"input %s: unknown type \"%s\": string, number, boolean or array", name, type);
	return right ? 0
		     : ynode_error(v, err, "input %s must be %s %s", name, str_eq(type, "array") ? "an" : "a",
			       type);
}

static int input_check(const char *name, const struct yaml *spec, const struct yaml *v, struct mc_err *err)
{
	const struct yaml *options = ynode_get(spec, "options");
	const char *pattern = ynode_text(ynode_get(spec, "regex")), *text = ynode_text(v);
	int rc = input_type(name, spec, v, err);
	bool known = !options;
	for (size_t i = 0; options && i < options->n; i++)
		known = known || str_eq(ynode_text(options->items[i]), text);
	if (rc >= 0 && !known)
		return ynode_error(v, err, "input %s: \"%s\" is none of its options", name, text ? text : "");
	if (rc < 0 || !pattern)
		return rc;
	_cleanup_free_ char *slashes =
		ci_regex_is(pattern, NULL) ? xstrdup(pattern) : xasprintf("/%s/", pattern);
	rc = ci_regex_match(slashes, text ? text : "", err);
	if (rc < 0)
		return err_wrap(err, "input %s: regex", name);
	return rc ? 0 : ynode_error(v, err, "input %s: \"%s\" does not match %s", name, text, pattern);
}

static int inputs_choose(const struct yaml *declared, const struct yaml *given, const struct yaml *at,
	struct yaml *values, struct mc_err *err)
{
	int rc = 0;
	for (size_t i = 0; given && given->kind == YAML_MAP && i < given->n; i++)
		if (declared->kind != YAML_MAP || !ynode_get(declared, given->keys[i]))
			return ynode_error(
				given->items[i], err, "inputs: the file takes no input %s", given->keys[i]);
	for (size_t i = 0; rc >= 0 && declared->kind == YAML_MAP && i < declared->n; i++) {
		const char *name = declared->keys[i];
		const struct yaml *spec = declared->items[i], *v = ynode_get(given, name);
		v = v ? v : ynode_get(spec, "default");
		if (!v)
			return ynode_error(at ? at : spec, err,
				"input %s is missing: `inputs:` beside the path gives it", name);
		rc = input_check(name, spec, v, err);
		if (rc >= 0)
			ynode_set(values, name, ynode_copy(v));
	}
	return rc;
}

/* --- replacing --- */

static int input_function(
	const struct inputs *in, const char *call, const struct yaml *at, char **text, struct mc_err *err)
{
	size_t from, n, len = strlen(*text);
	char *old = *text;
	if (str_eq(call, "expand_vars")) {
		int rc = ci_vars_expand(in->vars, old, text, err);
		free(rc < 0 ? NULL : old);
		return rc;
	}
	if (sscanf(call, "truncate(%zu,%zu)", &from, &n) == 2) {
		from = from < len ? from : len;
		*text = xstrndup(old + from, n);
		free(old);
		return 0;
	}
	return ynode_error(
		at, err, "$[[ ]]: there is no function %s: expand_vars and truncate(FROM,LENGTH)", call);
}

/* "inputs.NAME | function | ...": *whole is the value itself when there is no function. */
static int input_block(const struct inputs *in, char *block, const struct yaml *at, char **text,
	const struct yaml **whole, struct mc_err *err)
{
	char *save = NULL, *word = strtok_r(block, "|", &save);
	char *name = word ? word + strspn(word, " \t") : block;
	name[strcspn(name, " \t")] = '\0';
	const struct yaml *v =
		str_starts(name, "inputs.") ? ynode_get(in->values, name + strlen("inputs.")) : NULL;
	int rc = 0, functions = 0;
	if (!v)
		return ynode_error(
			at, err, "$[[ %s ]]: the file declares no such input below spec:inputs", name);
	*whole = v;
	*text = xstrdup(ynode_text(v) ? ynode_text(v) : "");
	while (rc >= 0 && (word = strtok_r(NULL, "|", &save))) {
		*whole = NULL;
		word += strspn(word, " \t");
		for (char *to = word, *p = word;; p++)
			if ((*to = *p) == '\0')
				break;
			else
				to += *p != ' ' && *p != '\t';
		rc = ++functions > FUNCTIONS_MAX
			     ? ynode_error(at, err, "$[[ ]] takes at most three functions")
			     : input_function(in, word, at, text, err);
	}
	return rc;
}

/* *ret: the new text; *whole: the scalar is one block, and this value takes its place. */
static int inputs_text(const struct inputs *in, const char *p, const struct yaml *at, char **ret,
	const struct yaml **whole, struct mc_err *err)
{
	_cleanup_buf_ struct buf out = { 0 };
	int rc = 0;
	buf_adds(&out, "");
	*whole = NULL;
	for (const char *start; rc >= 0 && (start = strstr(p, "$[["));) {
		const char *end = strstr(start, "]]");
		_cleanup_free_ char *text = NULL;
		const struct yaml *value = NULL;
		if (!end)
			return ynode_error(at, err, "$[[ is not closed by ]]");
		_cleanup_free_ char *block = xstrndup(start + 3, (size_t)(end - start - 3));
		rc = input_block(in, block, at, &text, &value, err);
		buf_addf(&out, "%.*s%s", (int)(start - p), p, text ? text : "");
		*whole = !out.data[strlen(text ? text : "")] && !end[2] ? value : NULL;
		if (rc >= 0 && value && value->kind == YAML_LIST && !*whole)
			rc = ynode_error(at, err, "$[[ ]]: a list stands alone, not within a text");
		p = end + 2;
	}
	buf_adds(&out, p);
	*ret = rc < 0 ? NULL : buf_take(&out);
	return rc;
}

static int inputs_walk(const struct inputs *in, struct yaml **node, struct mc_err *err)
{
	struct yaml *y = *node;
	const struct yaml *whole = NULL;
	char *text = NULL;
	int rc = 0;
	for (size_t i = 0; rc >= 0 && i < y->n; i++) {
		if (y->kind == YAML_MAP && strstr(y->keys[i], "$[[")) {
			rc = inputs_text(in, y->keys[i], y->items[i], &text, &whole, err);
			if (rc < 0)
				return rc;
			free(y->keys[i]);
			y->keys[i] = text;
		}
		rc = inputs_walk(in, &y->items[i], err);
	}
	if (rc < 0 || y->kind != YAML_SCALAR || !strstr(y->text, "$[["))
		return rc;
	rc = inputs_text(in, y->text, y, &text, &whole, err);
	if (rc < 0)
		return rc;
	*node = whole ? ynode_copy(whole) : ynode_new_text(text, y);
	free(text);
	ynode_free(y);
	return 0;
}

int ci_inputs_apply(const struct yaml *declared, const struct yaml *given, const struct yaml *at,
	const struct ci_vars *vars, struct yaml *doc, struct mc_err *err)
{
	struct inputs in = { .vars = vars, .values = ynode_new(YAML_MAP, declared) };
	int rc = inputs_choose(declared, given, at, in.values, err);
	if (rc >= 0)
		rc = inputs_walk(&in, &doc, err);
	ynode_free(in.values);
	return rc;
}
