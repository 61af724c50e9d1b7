/*
 * expand.c - variables and quotes of a Dockerfile's words. Text in, text out: no system call, no global
 * state.
 *
 * The builder does this for ENV, COPY, FROM and their kind. It never does it for the text of RUN, CMD and
 * ENTRYPOINT: there the shell inside the container expands, when it runs, and knows other values. Rules
 * are those of the shell, a little simpler (sh(1), POSIX Shell Command Language 2.2 and 2.6.2).
 */
#include "build/expand.h"

#include "build/dockerfile.h"

/*
 * Length of the variable's name at p; $1, $@ and their kind are names, too. 0: the dollar is an ordinary
 * one.
 */
static size_t expand_name(const char *p)
{
	static const char word[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_";
	size_t digits = strspn(p, "0123456789");
	if (digits)
		return digits;
	return *p && strchr("@*#?-$!", *p) ? 1 : strspn(p, word);
}

static void expand_note(char ***list, const char *name)
{
	if (list && !strv_has(*list, name))
		strv_push(list, name);
}

/* The value of a variable, borrowed; NULL when it is not set. */
static const char *vars_get(const struct vars *v, const char *name, size_t len)
{
	const char *value = NULL;
	for (char *const *e = v->values; e && *e; e++)
		if (!strncmp(*e, name, len) && (*e)[len] == '=')
			value = *e + len + 1;
	_cleanup_free_ char *copy = v->used || v->unset ? xstrndup(name, len) : NULL;
	expand_note(v->used, copy);
	expand_note(value ? NULL : v->unset, copy);
	return value;
}

static int expand_add(struct buf *out, const char *text, struct mc_err *err)
{
	if (out->len + strlen(text) > EXPAND_MAX_BYTES)
		return err_set(err, E2BIG, "variables grow this text beyond %d bytes", EXPAND_MAX_BYTES);
	buf_adds(out, text);
	return 0;
}

/* Where `stop` ends what begins at p; quoted, escaped and nested ones do not count. NULL: nowhere, or nested
 * too deep: this is what bounds the recursion of expand(). */
static const char *expand_close(const char *p, char stop, const struct vars *v, unsigned depth)
{
	char quote = 0;
	for (; *p; p++) {
		if (quote == '\'') {
			quote = *p == '\'' ? 0 : quote;
		} else if (!quote && *p == stop) {
			return p;
		} else if (*p == (v->escape ?: '\\')) {
			if (!*++p)
				return NULL;
		} else if (*p == '$' && p[1] == '{') {
			p = depth < EXPAND_MAX_DEPTH ? expand_close(p + 2, '}', v, depth + 1) : NULL;
			if (!p)
				return NULL;
		} else if (!v->keep_quotes && (*p == '"' || (*p == '\'' && !quote))) {
			quote = quote ? 0 : *p;
		}
	}
	return NULL;
}

/* The word between two places, expanded by itself. */
static int expand_part(
	const char *from, const char *to, const struct vars *v, bool raw, char **ret, struct mc_err *err)
{
	_cleanup_free_ char *part = xstrndup(from, (size_t)(to - from));
	struct vars inner = *v;
	inner.keep_escapes = raw;
	return expand(part, &inner, ret, err);
}

/* ${v#p}, ${v%p}, ${v/p/r} and their doubled forms; p points behind the operator. */
static int expand_pattern(char op, const char *p, const char *close, const char *value, const struct vars *v,
	struct buf *out, struct mc_err *err)
{
	_cleanup_free_ char *pattern = NULL, *by = NULL, *result = NULL;
	bool twice = *p == op;
	p += twice;
	const char *end = op == '/' ? expand_close(p, '/', v, 0) : close;
	if (!end || end > close)
		return err_set(err, EINVAL, "missing '/' in ${...}: ${NAME/what/by}");
	int rc = expand_part(p, end, v, true, &pattern, err);
	if (rc == 0 && op == '/')
		rc = expand_part(end + 1, close, v, true, &by, err);
	if (rc == 0)
		rc = op == '/' ? pattern_replace(value, pattern, by, twice, &result, err)
			       : pattern_trim(value, pattern, op == '%', twice, &result, err);
	return rc < 0 ? rc : expand_add(out, result, err);
}

/* ${v:-w}, ${v:+w}, ${v:?w}; without the colon an empty value counts as set. */
static int expand_default(char op, const char *name, size_t len, bool have, const char *value,
	const char *word, struct buf *out, struct mc_err *err)
{
	if (op == '-')
		return expand_add(out, have ? value : word, err);
	if (op == '+')
		return expand_add(out, have ? word : "", err);
	if (have)
		return expand_add(out, value, err);
	return err_set(err, EINVAL, "%.*s: %s", (int)len, name,
		*word   ? word
		: value ? "is empty"
			: "is not set");
}

/* One ${...}: *pp stands at its $ and is moved behind its }. The result is added to out. */
static int expand_braces(const char **pp, const struct vars *v, struct buf *out, struct mc_err *err)
{
	const char *name = *pp + 2, *close = expand_close(name, '}', v, 0);
	size_t len = expand_name(name);
	if (!close)
		return err_set(err, EINVAL, "missing '}' behind %.20s", *pp);
	if (!len)
		return err_set(err, EINVAL, "bad substitution: %.*s", (int)(close - *pp) + 1, *pp);
	*pp = close + 1;
	const char *p = name + len, *value = vars_get(v, name, len);
	if (p == close)
		return expand_add(out, value ?: "", err);
	bool colon = *p == ':';
	p += colon;
	if (p >= close || !strchr(colon ? "-+?" : "-+?#%/", *p))
		return err_set(err, EINVAL, "unsupported modifier in ${%.*s}", (int)(close - name), name);
	if (strchr("#%/", *p))
		return expand_pattern(*p, p + 1, close, value ?: "", v, out, err);
	_cleanup_free_ char *word = NULL;
	int rc = expand_part(p + 1, close, v, v->keep_escapes, &word, err);
	return rc < 0 ? rc
		      : expand_default(*p, name, len, value && !(colon && !*value), value, word, out, err);
}

/*
 * One dollar and what belongs to it: *pp stands at the $ and is moved behind. The result is added to out.
 */
static int expand_dollar(const char **pp, const struct vars *v, struct buf *out, struct mc_err *err)
{
	if ((*pp)[1] == '{')
		return expand_braces(pp, v, out, err);
	const char *name = *pp + 1;
	size_t len = expand_name(name);
	*pp = name + len;
	return expand_add(out, len ? vars_get(v, name, len) ?: "" : "$", err);
}

/*
 * Replaces the variables of text and resolves its quotes. *ret is the caller's to free; on failure it is
 * untouched.
 *   Outside quotes: $NAME and ${...} are replaced; the escape character makes the next character ordinary.
 *   In double quotes: the same, but it makes only ", $ and itself ordinary and stays in front of all else.
 *   In single quotes: all characters are ordinary.
 * The quotes themselves vanish, and so does an escape character at the very end. A variable that is not
 * set gives nothing. A quote that stays open is -EINVAL. v->keep_quotes: quotes are ordinary characters.
 * v->keep_escapes: an escape character does its work and stays. Lab 06.1: which variables the builder
 * replaces, and which quotes keep it from doing so.
 */
int expand(const char *text, const struct vars *v, char **ret, struct mc_err *err)
{
	_cleanup_buf_ struct buf out = { 0 };
	char escape = v->escape ?: '\\', quote = 0;
	for (const char *p = text; *p;) {
		if (quote == '\'' && *p != '\'') {
			buf_addc(&out, *p++);
		} else if (*p == '$') {
			int rc = expand_dollar(&p, v, &out, err);
			if (rc < 0)
				return rc;
		} else if (!v->keep_quotes && (quote ? *p == quote : *p == '"' || *p == '\'')) {
			quote = quote ? 0 : *p;
			p++;
		} else if (*p == escape) {
			/* In double quotes it is special only in front of a special character. */
			bool takes = !quote || p[1] == '"' || p[1] == '$' || p[1] == escape;
			if (!takes || v->keep_escapes)
				buf_addc(&out, *p);
			p++;
			if (takes && *p)
				buf_addc(&out, *p++);
		} else {
			buf_addc(&out, *p++);
		}
	}
	if (quote)
		return err_set(err, EINVAL, "a %c quote is never closed: %.60s", quote, text);
	*ret = buf_take(&out);
	return 0;
}
