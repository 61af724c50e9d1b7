/*
 * ci_regex.c - RE2's writing becomes POSIX's extended one; regcomp(3) and regexec(3) do the rest.
 *
 * Only whether a pattern matches is asked, never what it captures, so a lazy star may become a greedy one.
 * Patterns come from files. regcomp(3) copies what is repeated, twice for a + and n times for {n}, and the
 * copies of nested groups multiply: ((((x+)+)+)+) fills the memory. So the copies are counted beforehand.
 */
#include "pipeline/ci_regex.h"

#include <ctype.h>
#include <regex.h>

#include "base/buf.h"

enum { REGEX_LEN_MAX = 1000, REGEX_REPEAT_MAX = 255, REGEX_COPIES_MAX = 1000, REGEX_DEPTH_MAX = 40 };

bool ci_regex_is(const char *text, const char **ret_end)
{
	if (*text != '/')
		return false;
	const char *p = text + 1;
	for (; *p && *p != '/'; p++)
		if (*p == '\\' && p[1])
			p++;
	if (!*p)
		return false;
	p++;
	p += strspn(p, "imsU");
	if (ret_end)
		*ret_end = p;
	return true;
}

struct translation {
	struct buf out;
	int flags;
	unsigned long last;                      /* copies that regcomp(3) makes of the last atom */
	unsigned long most[REGEX_DEPTH_MAX + 1]; /* of the atoms so far in each open group */
	size_t depth;
	bool repeated; /* the last atom has its star already */
};

/* The last atom gets a star of this many copies. False: too many, or it has one already. */
static bool count_copies(struct translation *t, unsigned long copies)
{
	if (t->repeated)
		return false;
	t->repeated = true;
	t->last *= copies ? copies : 1;
	if (t->last > t->most[t->depth])
		t->most[t->depth] = t->last;
	return t->last <= REGEX_COPIES_MAX;
}

static void new_atom(struct translation *t)
{
	t->last = 1;
	t->repeated = false;
}

/* \d and its kin; NULL: no class. bracket: without the outer brackets. */
static const char *class_of(char c, bool bracket)
{
	switch (c) {
	case 'd': return bracket ? "0-9" : "[0-9]";
	case 'w': return bracket ? "a-zA-Z0-9_" : "[a-zA-Z0-9_]";
	case 's': return bracket ? " \t\n\r\f" : "[ \t\n\r\f]";
	case 'D': return bracket ? NULL : "[^0-9]";
	case 'W': return bracket ? NULL : "[^a-zA-Z0-9_]";
	case 'S': return bracket ? NULL : "[^ \t\n\r\f]";
	}
	return NULL;
}

/* [a\-b\]] : in POSIX a backslash means itself here, and ] must come first, - last. */
static const char *translate_bracket(struct translation *t, const char *p)
{
	_cleanup_buf_ struct buf set = { 0 };
	bool close = false, dash = false, not_first = false, inverted = p[1] == '^';
	for (p += 1 + inverted; *p && (*p != ']' || !not_first); p++, not_first = true) {
		if (*p == '[' && p[1] == ':') { /* [:alpha:] */
			const char *end = strstr(p, ":]");
			if (!end)
				return NULL;
			buf_add(&set, p, (size_t)(end + 2 - p));
			p = end + 1;
			continue;
		}
		char c = *p;
		bool escaped = c == '\\' && p[1];
		if (escaped)
			c = *++p;
		if (escaped && class_of(c, true))
			buf_adds(&set, class_of(c, true));
		else if (escaped && strchr("DWS", c))
			return NULL;
		else if (c == ']')
			close = true;
		else if (escaped && c == '-')
			dash = true;
		else
			buf_addc(&set, escaped && c == 'n' ? '\n' : escaped && c == 't' ? '\t' : c);
	}
	if (!*p)
		return NULL;
	/* a ^ that is not the first must not become it */
	bool caret = set.len && set.data[0] == '^' && !inverted && !close;
	buf_adds(&t->out, inverted ? "[^" : "[");
	buf_adds(&t->out, close ? "]" : "");
	if (caret)
		buf_trim_front(&set, 1);
	buf_add(&t->out, set.data ? set.data : "", set.len);
	buf_adds(&t->out, caret ? "^" : "");
	buf_adds(&t->out, dash ? "-]" : "]");
	return p + 1;
}

/* "(?i)", "(?:", "(?P<name>": flags hold for the whole pattern. */
static const char *translate_group(struct translation *t, const char *p)
{
	if (++t->depth > REGEX_DEPTH_MAX)
		return NULL;
	t->most[t->depth] = 1;
	t->repeated = true; /* a star needs something in front of it */
	if (p[1] != '?') {
		buf_addc(&t->out, '(');
		return p + 1;
	}
	p += 2;
	if (*p == 'P' && p[1] == '<' && strchr(p, '>')) {
		buf_addc(&t->out, '(');
		return strchr(p, '>') + 1;
	}
	for (; *p == 'i' || *p == 's' || *p == 'm'; p++)
		t->flags |= *p == 'i' ? REG_ICASE : 0;
	if (*p == ')') {
		t->depth--;
		return p + 1;
	}
	if (*p != ':')
		return NULL;
	buf_addc(&t->out, '(');
	return p + 1;
}

static const char *translate_escape(struct translation *t, const char *p)
{
	const char *class = class_of(p[1], false);
	if (!p[1])
		return NULL;
	if (class)
		buf_adds(&t->out, class);
	else if (p[1] == 'A')
		buf_addc(&t->out, '^');
	else if (p[1] == 'z')
		buf_addc(&t->out, '$');
	else if (p[1] == 'b' || p[1] == 'B')
		buf_addf(&t->out, "\\%c", p[1]); /* GNU's regcomp(3) knows them */
	else if (p[1] == 'n' || p[1] == 't')
		buf_addc(&t->out, p[1] == 'n' ? '\n' : '\t');
	else if (isalnum((unsigned char)p[1]))
		return NULL;
	else if (strchr(".[]{}()*+?|^$\\", p[1]))
		buf_addf(&t->out, "\\%c", p[1]);
	else
		buf_addc(&t->out, p[1]);
	return p + 2;
}

/* {2,5}: also counted, since ((a{255}){255}){255} would fill the memory. */
static const char *translate_repeat(struct translation *t, const char *p)
{
	char *end;
	if (!isdigit((unsigned char)p[1])) {
		buf_adds(&t->out, "\\{");
		return p + 1;
	}
	unsigned long low = strtoul(p + 1, &end, 10), high = low;
	if (*end == ',' && isdigit((unsigned char)end[1]))
		high = strtoul(end + 1, &end, 10);
	else if (*end == ',')
		end++;
	if (*end != '}' || low > REGEX_REPEAT_MAX || high > REGEX_REPEAT_MAX)
		return NULL;
	if (!count_copies(t, high + 1))
		return NULL;
	buf_add(&t->out, p, (size_t)(end + 1 - p));
	return end + 1;
}

/* "*", "+", "?" behind an atom; "*?" is lazy, which changes nothing for us. */
static const char *translate_star(struct translation *t, const char *p)
{
	if (!count_copies(t, *p == '+' ? 2 : 1))
		return NULL;
	buf_addc(&t->out, *p);
	return p + 1 + (p[1] == '?');
}

static const char *translate_one(struct translation *t, const char *p)
{
	switch (*p) {
	case '*':
	case '+':
	case '?': return translate_star(t, p);
	case '{':
		if (!isdigit((unsigned char)p[1]))
			new_atom(t);
		p = translate_repeat(t, p);
		return p && *p == '?' ? p + 1 : p;
	case '(': return translate_group(t, p);
	case ')':
		t->last = t->most[t->depth];
		t->repeated = false;
		t->depth -= t->depth > 0;
		break;
	case '|':
	case '^': t->repeated = true; break;
	default: new_atom(t); break;
	}
	if (*p == '\\')
		return translate_escape(t, p);
	if (*p == '[')
		return translate_bracket(t, p);
	buf_addc(&t->out, *p);
	return p + 1;
}

static int regex_compile(const char *regex, regex_t *ret, struct mc_err *err)
{
	struct translation t = { .last = 1, .repeated = true, .most = { 1 } };
	const char *end;
	char why[120];
	if (!ci_regex_is(regex, &end))
		return err_set(err, EINVAL, "\"%.200s\" is no regular expression: /pattern/", regex);
	if (end - regex > REGEX_LEN_MAX)
		return err_set(err, EINVAL, "a regular expression of more than 1000 characters");
	const char *flags = strrchr(regex, '/');
	t.flags = strchr(flags, 'i') ? REG_ICASE : 0;
	const char *p = regex + 1;
	while (p && p < flags)
		p = translate_one(&t, p);
	int rc = p ? regcomp(ret, t.out.data ? t.out.data : "", REG_EXTENDED | REG_NOSUB | t.flags) : -1;
	buf_release(&t.out);
	if (!p)
		return err_set(err, EINVAL,
			"regular expression %.200s: a part of it is broken or not known here", regex);
	if (rc) {
		regerror(rc, ret, why, sizeof(why));
		return err_set(err, EINVAL, "regular expression %.200s: %s", regex, why);
	}
	return 0;
}

int ci_regex_match(const char *regex, const char *subject, struct mc_err *err)
{
	regex_t re;
	int rc = regex_compile(regex, &re, err);
	if (rc < 0)
		return rc;
	rc = regexec(&re, subject, 0, NULL, 0) == 0;
	regfree(&re);
	return rc;
}

char *ci_regex_last_number(const char *regex, const char *text)
{
	struct mc_err ignored = { 0 };
	regex_t re;
	char *last = NULL;
	_cleanup_free_ char *copy = xstrdup(text);
	if (regex_compile(regex, &re, &ignored) < 0)
		return NULL;
	char *save = NULL;
	for (char *line = strtok_r(copy, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		if (regexec(&re, line, 0, NULL, 0) != 0)
			continue;
		/* the number: the last one of the line that has digits, as "TOTAL 812 40 95.1%" shows it */
		const char *best = NULL;
		for (const char *p = line; *p; p++)
			if (isdigit((unsigned char)*p) && (p == line || !strchr("0123456789.", p[-1])))
				best = p;
		if (best) {
			free(last);
			last = xstrndup(best, strspn(best, "0123456789."));
		}
	}
	regfree(&re);
	return last;
}
