/*
 * lexer.c - the bytes of a Dockerfile as logical lines: one instruction each, wherever its parts stood.
 *
 * A line that ends in the escape character goes on in the next one. Comment lines in between vanish, so
 * do empty ones. Each kept part leaves a span {offset, line, column}: after a continuation offsets alone
 * would lie about the place of an error. Line ends may be CRLF (Windows); a CR elsewhere is refused, as
 * it would hide inside names. Parser directives (# escape=`) stand above everything else: the first other
 * line ends their zone. Dockerfile reference: Format, Parser directives, Escape.
 */
#include "build/lexer.h"

#include <strings.h>

#define BLANKS " \t\v\f\r"

/* A physical line without its line end. */
struct raw_line {
	const char *text;
	size_t len;
	unsigned line;
};

static bool lexer_raw(struct lexer *lx, struct raw_line *ret)
{
	if (lx->at >= lx->len)
		return false;
	const char *start = lx->text + lx->at, *end = memchr(start, '\n', lx->len - lx->at);
	size_t len = end ? (size_t)(end - start) : lx->len - lx->at;
	lx->at += len + (end ? 1 : 0);
	/* Windows: CRLF; also several CRs in front of the LF, as a doubly converted file has them. */
	while (len && start[len - 1] == '\r')
		len--;
	*ret = (struct raw_line){ start, len, lx->line++ };
	return true;
}

static size_t raw_indent(const struct raw_line *r)
{
	size_t n = 0;
	while (n < r->len && strchr(BLANKS, r->text[n]) && r->text[n])
		n++;
	return n;
}

static bool raw_is_comment(const struct raw_line *r)
{
	size_t n = raw_indent(r);
	return n < r->len && r->text[n] == '#';
}

/*
 * Does the line go on? Then *len loses the escape character and the blanks behind it. Two of them are an
 * escaped escape, not a continuation: an odd number is needed. (BuildKit looks at two characters only and
 * misreads three.)
 */
static bool raw_continues(const struct raw_line *r, char escape, size_t *len)
{
	size_t end = *len, n = 0;
	while (end && (r->text[end - 1] == ' ' || r->text[end - 1] == '\t'))
		end--;
	while (n < end && r->text[end - 1 - n] == escape)
		n++;
	if (n % 2 == 0)
		return false;
	*len = end - 1;
	return true;
}

/* --- directives --- */

/* "# name = value" -> name in *key (caller frees), value's place; false when the line is no directive. */
static bool directive_split(const struct raw_line *r, char **key, char **value)
{
	const char *p = r->text + raw_indent(r), *end = r->text + r->len;
	if (p == end || *p++ != '#')
		return false;
	while (p < end && strchr(BLANKS, *p))
		p++;
	const char *name = p;
	while (p < end && ((*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') ||
				  (p > name && *p >= '0' && *p <= '9')))
		p++;
	size_t len = (size_t)(p - name);
	while (p < end && strchr(BLANKS, *p))
		p++;
	if (!len || p == end || *p++ != '=')
		return false;
	while (p < end && strchr(BLANKS, *p))
		p++;
	while (end > p && strchr(BLANKS, end[-1]))
		end--;
	if (p == end)
		return false;
	*key = xstrndup(name, len);
	*value = xstrndup(p, (size_t)(end - p));
	return true;
}

static void directive_escape(struct lexer *lx, const char *value, struct place at)
{
	if (str_eq(value, "\\") || str_eq(value, "`"))
		lx->d->escape = lx->escape = *value;
	else
		problem_add(lx->problems, at, 0, at.line,
			"invalid escape character \"%s\" in the escape directive; it is \\ or `", value);
}

/* One line of the zone; false ends the zone: anything unknown is an ordinary comment. */
static bool directive_line(struct lexer *lx, const struct raw_line *r, bool *escape_seen)
{
	_cleanup_free_ char *key = NULL, *value = NULL;
	if (!directive_split(r, &key, &value))
		return false;
	struct place at = { r->line, (unsigned)raw_indent(r) + 1 };
	bool escape = !strcasecmp(key, "escape");
	char **slot = !strcasecmp(key, "syntax")  ? &lx->d->syntax
		      : !strcasecmp(key, "check") ? &lx->d->check
						  : NULL;
	if (!escape && !slot)
		return false;
	if (escape ? *escape_seen : *slot != NULL) {
		problem_add(lx->problems, at, 0, r->line, "only one %s parser directive can be used", key);
		return true;
	}
	if (escape) {
		*escape_seen = true;
		directive_escape(lx, value, at);
	} else {
		*slot = take_ptr(&value);
	}
	return true;
}

static void lexer_directives(struct lexer *lx)
{
	bool escape_seen = false;
	for (;;) {
		size_t at = lx->at;
		unsigned line = lx->line;
		struct raw_line r;
		if (!lexer_raw(lx, &r))
			return;
		if (!directive_line(lx, &r, &escape_seen)) {
			lx->at = at;
			lx->line = line;
			return;
		}
	}
}

void lexer_begin(struct lexer *lx, struct dockerfile *d, struct problems *problems)
{
	*lx = (struct lexer){
		.text = d->text, .len = d->len, .line = 1, .escape = '\\', .d = d, .problems = problems
	};
	d->escape = '\\';
	const char *nul = memchr(d->text, '\0', d->len);
	if (nul) {
		unsigned line = 1;
		for (const char *p = d->text; p < nul; p++)
			line += *p == '\n';
		problem_add(problems, (struct place){ line, 1 }, 0, line,
			"a NUL byte: this is no text file (save UTF-16 as UTF-8)");
		lx->len = 0;
		return;
	}
	if (d->len >= 3 && !memcmp(d->text, "\xef\xbb\xbf", 3))
		lx->at = 3;
	struct raw_line r;
	if (lx->len - lx->at >= 2 && !memcmp(d->text + lx->at, "#!", 2))
		lexer_raw(lx, &r);
	lexer_directives(lx);
}

/* --- logical lines --- */

struct lexer_gather {
	struct buf text;
	struct buf doc;
	struct span *spans;
	size_t n;
};

static void gather_part(struct lexer_gather *g, const struct raw_line *r, size_t from, size_t len)
{
	g->spans = xrealloc(g->spans, (g->n + 1) * sizeof(*g->spans));
	g->spans[g->n++] = (struct span){ g->text.len, { r->line, (unsigned)from + 1 } };
	buf_add(&g->text, r->text + from, len - from);
}

static void gather_comment(struct lexer_gather *g, const struct raw_line *r)
{
	size_t from = raw_indent(r) + 1, end = r->len;
	while (from < end && strchr(BLANKS, r->text[from]))
		from++;
	while (end > from && strchr(BLANKS, r->text[end - 1]))
		end--;
	/* An empty comment parts what is above it from the instruction. */
	if (from == end) {
		buf_clear(&g->doc);
		return;
	}
	if (g->doc.len)
		buf_addc(&g->doc, '\n');
	buf_add(&g->doc, r->text + from, end - from);
}

/* The first physical line of the next instruction: comments and empty lines above it are passed. */
static bool lexer_first(struct lexer *lx, struct lexer_gather *g, struct raw_line *r)
{
	while (lexer_raw(lx, r)) {
		if (raw_is_comment(r))
			gather_comment(g, r);
		else if (raw_indent(r) == r->len)
			buf_clear(&g->doc);
		else
			return true;
	}
	return false;
}

static void lexer_note(struct lexer *lx, const char *rule, struct place at)
{
	struct dockerfile *d = lx->d;
	d->notes = xrealloc(d->notes, (d->n_notes + 1) * sizeof(*d->notes));
	d->notes[d->n_notes++] = (struct lex_note){ rule, at };
}

/* The lines that continue it. *last: line number of the last one. */
static void lexer_rest(struct lexer *lx, struct lexer_gather *g, unsigned *last)
{
	struct raw_line r;
	bool empty = false, more = true;
	while (more && lexer_raw(lx, &r)) {
		*last = r.line;
		if (raw_is_comment(&r))
			continue;
		if (raw_indent(&r) == r.len) {
			empty = true;
			continue;
		}
		size_t len = r.len;
		more = raw_continues(&r, lx->escape, &len);
		gather_part(g, &r, 0, len);
	}
	if (empty)
		lexer_note(lx, "NoEmptyContinuation", (struct place){ *last, 1 });
}

static void gather_trim(struct lexer_gather *g)
{
	while (g->text.len && strchr(BLANKS, g->text.data[g->text.len - 1]))
		g->text.data[--g->text.len] = '\0';
}

/*
 * With old Mac line ends the whole file is one line: nothing behind the first CR means what its author
 * thinks.
 */
static bool lexer_lone_cr(struct lexer *lx, struct logical_line *l)
{
	const char *cr = strchr(l->text, '\r');
	if (!cr)
		return false;
	struct place at = span_place(l->spans, l->n_spans, (size_t)(cr - l->text));
	problem_add(lx->problems, at, 0, l->last_line,
		"a carriage return in the middle of a line: save the file with LF or CRLF line ends");
	logical_line_free(l);
	lx->at = lx->len;
	return true;
}

bool lexer_next(struct lexer *lx, struct logical_line *ret)
{
	struct lexer_gather g = { 0 };
	struct raw_line r;
	do {
		if (!lexer_first(lx, &g, &r)) {
			buf_release(&g.doc);
			buf_release(&g.text);
			return false;
		}
		*ret = (struct logical_line){ .at = { r.line, (unsigned)raw_indent(&r) + 1 },
			.last_line = r.line };
		size_t len = r.len;
		bool more = raw_continues(&r, lx->escape, &len);
		gather_part(&g, &r, raw_indent(&r) < len ? raw_indent(&r) : len, len);
		if (more)
			lexer_rest(lx, &g, &ret->last_line);
		gather_trim(&g);
		/* Only an escape character: nothing was said. */
	} while (!g.text.len && (free(take_ptr(&g.spans)), g.n = 0, true));
	ret->spans = g.spans;
	ret->n_spans = g.n;
	ret->doc = g.doc.len ? xstrdup(g.doc.data) : NULL;
	buf_release(&g.doc);
	ret->text = buf_take(&g.text);
	return !lexer_lone_cr(lx, ret);
}

void logical_line_free(struct logical_line *l)
{
	free(take_ptr(&l->text));
	free(take_ptr(&l->spans));
	free(take_ptr(&l->doc));
}
