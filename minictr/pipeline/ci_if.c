/*
 * ci_if.c - one condition: read from left to right, and its value at once (recursive descent).
 *
 *     or    = and { "||" and }
 *     and   = match { "&&" match }
 *     match = value [ ("==" | "!=" | "=~" | "!~") value ]
 *     value = "(" or ")" | $NAME | "text" | 'text' | /pattern/flags | null
 * Both sides of && and || are read even when the left one decides: a mistake on the right is an error
 * always, not on some branches only.
 */
#include "pipeline/ci_if.h"

#include <ctype.h>

#include "pipeline/ci_regex.h"

enum { IF_DEPTH_MAX = 50 };

struct reader {
	const char *text, *at;
	const struct ci_vars *vars;
	int depth;
	struct mc_err *err;
};

/* What stands on one side. A bracket has a truth only. */
struct operand {
	char *text; /* NULL: null, or an unset variable; owned */
	bool is_truth, truth;
	bool is_pattern;
};

static int read_or(struct reader *r, bool *ret);

static int if_error(const struct reader *r, const char *what)
{
	return err_set(r->err, EINVAL, "if: \"%.200s\": %s at character %d", r->text, what,
		(int)(r->at - r->text) + 1);
}

static void skip_blanks(struct reader *r)
{
	while (isspace((unsigned char)*r->at))
		r->at++;
}

static bool take_word(struct reader *r, const char *word)
{
	skip_blanks(r);
	if (!str_starts(r->at, word))
		return false;
	r->at += strlen(word);
	return true;
}

static int read_variable(struct reader *r, struct operand *o)
{
	size_t len = 1;
	if (r->at[1] == '{')
		return if_error(r, "${NAME} is not known here: write $NAME");
	while (isalnum((unsigned char)r->at[len]) || r->at[len] == '_')
		len++;
	if (len == 1)
		return if_error(r, "a variable needs a name");
	_cleanup_free_ char *name = xstrndup(r->at + 1, len - 1);
	const char *value = ci_vars_get(r->vars, name);
	r->at += len;
	return value ? ci_vars_expand(r->vars, value, &o->text, r->err) : 0;
}

static int read_operand(struct reader *r, struct operand *o)
{
	skip_blanks(r);
	const char *end;
	if (*r->at == '(') {
		r->at++;
		o->is_truth = true;
		int rc = read_or(r, &o->truth);
		return rc < 0 ? rc : take_word(r, ")") ? 0 : if_error(r, "a closing bracket is missing");
	}
	if (*r->at == '$')
		return read_variable(r, o);
	if (*r->at == '"' || *r->at == '\'') {
		end = strchr(r->at + 1, *r->at);
		if (!end)
			return if_error(r, "a closing quote is missing");
		o->text = xstrndup(r->at + 1, (size_t)(end - r->at - 1));
		r->at = end + 1;
		return 0;
	}
	if (ci_regex_is(r->at, &end)) {
		o->text = xstrndup(r->at, (size_t)(end - r->at));
		o->is_pattern = true;
		r->at = end;
		return 0;
	}
	return take_word(r, "null") ? 0 : if_error(r, "expected $NAME, \"text\", /pattern/, null or (");
}

static bool is_true(const struct operand *o) { return o->is_truth ? o->truth : o->text && *o->text; }

/* Is subject =~ pattern? The right side may be a variable with a pattern in it; plain text is searched. */
static int match_pattern(struct reader *r, const struct operand *subject, const struct operand *pattern)
{
	if (!pattern->text)
		return 0;
	if (!ci_regex_is(pattern->text, NULL))
		return subject->text && strstr(subject->text, pattern->text);
	/* A broken pattern is told whether the variable is set today or not. */
	int rc = ci_regex_match(pattern->text, subject->text ? subject->text : "", r->err);
	return rc < 0 ? rc : rc && subject->text;
}

static int read_match(struct reader *r, bool *ret)
{
	static const char *const operators[] = { "==", "!=", "=~", "!~" };
	struct operand left = { 0 }, right = { 0 };
	size_t op = 0;
	int rc = read_operand(r, &left);
	while (rc >= 0 && op < ARRAY_LEN(operators) && !take_word(r, operators[op]))
		op++;
	if (rc >= 0 && op < ARRAY_LEN(operators))
		rc = read_operand(r, &right);
	if (rc >= 0 && op == ARRAY_LEN(operators) && left.is_pattern)
		rc = if_error(r, "a pattern stands behind =~ or !~");
	if (rc >= 0 && op < 2 && (left.is_truth || right.is_truth))
		rc = if_error(r, "a bracket cannot be compared");
	if (rc >= 0 && op < 2)
		*ret = str_eq(left.text, right.text) == (op == 0);
	else if (rc >= 0 && op < ARRAY_LEN(operators)) {
		rc = match_pattern(r, &left, &right);
		*ret = (rc == 1) == (op == 2);
	} else if (rc >= 0)
		*ret = is_true(&left);
	free(left.text);
	free(right.text);
	return rc;
}

static int read_and(struct reader *r, bool *ret)
{
	int rc = read_match(r, ret);
	while (rc >= 0 && take_word(r, "&&")) {
		bool right = false;
		rc = read_match(r, &right);
		*ret = *ret && right;
	}
	return rc;
}

static int read_or(struct reader *r, bool *ret)
{
	if (++r->depth > IF_DEPTH_MAX)
		return if_error(r, "brackets nested more than 50 deep");
	int rc = read_and(r, ret);
	while (rc >= 0 && take_word(r, "||")) {
		bool right = false;
		rc = read_and(r, &right);
		*ret = *ret || right;
	}
	r->depth--;
	return rc;
}

int ci_if(const char *expression, const struct ci_vars *vars, struct mc_err *err)
{
	struct reader r = { .text = expression, .at = expression, .vars = vars, .err = err };
	bool truth = false;
	int rc = read_or(&r, &truth);
	if (rc < 0)
		return rc;
	skip_blanks(&r);
	return *r.at ? if_error(&r, "expected && or ||") : truth;
}
