/*
 * parse_flags.c - the --flags between keyword and arguments: COPY --chown=1:2 --link a /b.
 * Quotes and the escape character work inside them; a bare -- ends them. Unknown and repeated ones are
 * errors.
 */
#include "base/clock.h"
#include "build/parse.h"

#include <strings.h>

#define BLANKS " \t\v\f\r"

/* One flag word with quotes and escapes resolved; returns the offset behind it. */
static size_t flag_word(struct parse *p, size_t offset, struct buf *word)
{
	const char *line = p->i->line, *s = line + offset;
	char escape = p->lx.escape, quote = 0;
	for (; *s && (quote || !strchr(BLANKS, *s)); s++) {
		if (quote ? *s == quote : *s == '"' || *s == '\'')
			quote = quote ? 0 : *s;
		else if (*s == escape && !s[1])
			continue;
		else
			buf_addc(word, *s == escape ? *++s : *s);
	}
	return (size_t)(s - line);
}

static const struct flag_rule *flag_find(const struct instruction_rule *rule, const char *name)
{
	for (const struct flag_rule *f = rule->flags; f->name; f++)
		if (str_eq(f->name, name))
			return f;
	return NULL;
}

static void flag_unknown(
	struct parse *p, const struct instruction_rule *rule, const char *name, size_t at, size_t len)
{
	const char *known[ARRAY_LEN(rule->flags)];
	size_t n = 0;
	for (const struct flag_rule *f = rule->flags; f->name; f++)
		known[n++] = f->name;
	const char *near = strlen(name) < 40 ? nearest_word(name, known, n) : NULL;
	if (!n)
		parse_problem(p, at, len, "unknown flag --%s for %s; it takes no flags", name, rule->name);
	else if (near)
		parse_problem(
			p, at, len, "unknown flag --%s for %s; did you mean --%s?", name, rule->name, near);
	else
		parse_problem(p, at, len, "unknown flag --%s for %s", name, rule->name);
}

static void flag_check_value(
	struct parse *p, const struct flag_rule *f, const char *value, size_t at, size_t len)
{
	int64_t ns;
	uint64_t count;
	if (f->type == FLAG_TIME && parse_duration(value, &ns) < 0)
		parse_problem(p, at, len, "--%s=%s is no duration like 30s or 1m30s", f->name, value);
	else if (f->type == FLAG_TIME && ns && ns < 1000000)
		parse_problem(p, at, len, "--%s=%s is less than 1ms, the smallest interval", f->name, value);
	else if (f->type == FLAG_COUNT && (parse_u64(value, &count) < 0 || count > INT32_MAX))
		parse_problem(p, at, len, "--%s=%s is no number from 0 up", f->name, value);
	else if (f->type == FLAG_BOOL && strcasecmp(value, "true") != 0 && strcasecmp(value, "false") != 0)
		parse_problem(p, at, len, "--%s is true or false, not \"%s\"", f->name, value);
}

/* A known flag with (or without) its value. false: said why not. */
static bool flag_accept(struct parse *p, const struct flag_rule *f, const char *eq, size_t at, size_t len)
{
	if (f->type != FLAG_MANY && instruction_flag(p->i, f->name))
		parse_problem(p, at, len, "--%s is given twice", f->name);
	else if (!eq && f->type != FLAG_BOOL)
		parse_problem(p, at, len, "--%s needs a value: --%s=...", f->name, f->name);
	else if (eq && !eq[1] && f->type == FLAG_BOOL)
		parse_problem(p, at, len, "--%s= has no value: true or false", f->name);
	else
		return true;
	return false;
}

static void flag_take(
	struct parse *p, const struct instruction_rule *rule, const char *word, size_t at, size_t len)
{
	const char *eq = strchr(word, '=');
	_cleanup_free_ char *name = xstrndup(word + 2, (eq ? (size_t)(eq - word) : strlen(word)) - 2);
	const struct flag_rule *f = flag_find(rule, name);
	if (!f) {
		flag_unknown(p, rule, name, at, strlen(name) + 2);
		return;
	}
	if (!flag_accept(p, f, eq, at, len))
		return;
	struct instruction *i = p->i;
	const char *value = eq ? eq + 1 : "true";
	flag_check_value(p, f, value, at, len);
	i->flags = xrealloc(i->flags, (i->n_flags + 1) * sizeof(*i->flags));
	i->flags[i->n_flags++] = (struct flag){
		.name = take_ptr(&name), .value = xstrdup(value), .at = instruction_place(i, at)
	};
}

size_t parse_flags(struct parse *p, const struct instruction_rule *rule, size_t offset)
{
	const char *line = p->i->line;
	for (;;) {
		offset += strspn(line + offset, BLANKS);
		if (strncmp(line + offset, "--", 2) != 0)
			return offset;
		_cleanup_buf_ struct buf word = { 0 };
		size_t at = offset;
		offset = flag_word(p, offset, &word);
		if (str_eq(word.data, "--"))
			return offset + strspn(line + offset, BLANKS);
		flag_take(p, rule, word.data, at, offset - at);
	}
}

bool instruction_changes_files(const struct instruction *i)
{
	return i->kind == DO_RUN || i->kind == DO_COPY || i->kind == DO_ADD || i->kind == DO_WORKDIR;
}

const char *instruction_flag(const struct instruction *i, const char *name)
{
	for (size_t k = 0; k < i->n_flags; k++)
		if (str_eq(i->flags[k].name, name))
			return i->flags[k].value;
	return NULL;
}

bool instruction_flag_on(const struct instruction *i, const char *name, bool missing)
{
	const char *value = instruction_flag(i, name);
	return value ? !strcasecmp(value, "true") : missing;
}
