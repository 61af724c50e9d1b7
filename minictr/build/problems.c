/*
 * problems.c - messages about a Dockerfile as a compiler gives them: file:line:column, the line itself, a
 * caret. All of them are collected first: a reader mends the whole file in one go.
 */
#include "build/parse.h"
#include "base/utf8.h"
#include "base/wrap.h"

#include <stdarg.h>

/* A longer line of the file is cut where a step's lines are shown. */
enum { SHOWN_COLUMNS = 400 };

void problem_add(
	struct problems *p, struct place at, unsigned length, unsigned last_line, const char *fmt, ...)
{
	if (p->n >= DOCKERFILE_MAX_PROBLEMS) {
		p->more++;
		return;
	}
	va_list ap;
	_cleanup_free_ char *text = NULL;
	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		text = xstrdup(fmt);
	va_end(ap);
	/* It quotes words of the file: the terminal must not obey them. */
	char *shown = text_visible(text);
	p->list = xrealloc(p->list, (p->n + 1) * sizeof(*p->list));
	p->list[p->n++] =
		(struct problem){ .at = at, .length = length, .last_line = last_line, .text = shown };
}

int err_place(struct mc_err *err, const char *file, struct place at, struct place *ret)
{
	if (!ret)
		return err_wrap(err, "%s:%u:%u", file, at.line, at.column);
	*ret = at;
	return -err->code;
}

static int problem_order(const void *a, const void *b)
{
	const struct place *x = &((const struct problem *)a)->at, *y = &((const struct problem *)b)->at;
	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	return x->column < y->column ? -1 : x->column > y->column;
}

void problems_sort(struct problems *p)
{
	if (p->n)
		qsort(p->list, p->n, sizeof(*p->list), problem_order);
}

int problems_verdict(const struct dockerfile *d, struct problems *p, struct mc_err *err)
{
	problems_sort(p);
	if (!p->n)
		return 0;
	const struct problem *first = &p->list[0];
	err_set(err, EINVAL, "%s:%u:%u: %s", d->name, first->at.line, first->at.column, first->text);
	return p->n + p->more > 1 ? err_hint(err, "%zu problems in this file", p->n + p->more) : -EINVAL;
}

void problems_free(struct problems *p)
{
	for (size_t i = 0; i < p->n; i++)
		free(p->list[i].text);
	free(p->list);
	*p = (struct problems){ 0 };
}

/* A physical line of the file, without its end. */
static bool problem_line(const struct dockerfile *d, unsigned line, const char **text, size_t *len)
{
	const char *p = d->text, *end = d->text + d->len;
	while (p < end && --line) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));
		p = nl ? nl + 1 : end;
	}
	const char *nl = memchr(p, '\n', (size_t)(end - p));
	*text = p;
	*len = (size_t)((nl ? nl : end) - p);
	while (*len && p[*len - 1] == '\r')
		--*len;
	return p < end;
}

/*
 * Bytes of the user's file on a terminal: control characters would move the cursor or colour the screen. So
 * would U+0080 to U+009F (U+009B is ESC [ in one character), and where the terminal does not read UTF-8 so
 * would these bytes alone: console_codes(4). They are shown as '?', and so is each byte that is no UTF-8.
 * Returns how many columns that takes: one a character.
 */
static unsigned problem_quote(struct buf *out, const char *text, size_t len)
{
	unsigned columns = 0;
	for (size_t i = 0, n; i < len; i += n, columns++) {
		uint32_t c = 0;
		n = utf8_decode(text + i, len - i, &c);
		bool shown = n && c >= 32 && !(c >= 127 && c < 160);
		n = n ?: 1;
		if (shown)
			buf_add(out, text + i, n);
		else
			buf_addc(out, c == '\t' ? ' ' : '?');
	}
	return columns;
}

static unsigned problem_columns(const char *text, size_t len)
{
	_cleanup_buf_ struct buf unused = { 0 };
	return problem_quote(&unused, text, len);
}

/*
 * "    12 | COPY --chwon=1 a b" and below it the caret. Long lines are cut: the caret stays on the
 * screen.
 */
static void problem_excerpt(const struct dockerfile *d, const struct problem *p, struct buf *out)
{
	const char *text;
	size_t len, column = p->at.column ? p->at.column - 1 : 0;
	if (!problem_line(d, p->at.line, &text, &len))
		return;
	if (column > len)
		column = len;
	size_t from = column > 60 ? column - 40 : 0, shown = len - from > 90 ? 90 : len - from;
	while (from && ((unsigned char)text[from] & 0xc0) == 0x80)
		from--, shown++;
	while (from + shown < len && ((unsigned char)text[from + shown] & 0xc0) == 0x80)
		shown++;
	buf_addf(out, " %5u | %s", p->at.line, from ? "..." : "");
	problem_quote(out, text + from, shown);
	buf_addf(out, "%s\n       | %s", from + shown < len ? "..." : "", from ? "   " : "");
	for (unsigned i = problem_columns(text + from, column - from); i; i--)
		buf_addc(out, ' ');
	buf_addc(out, '^');
	for (size_t i = 1; i < p->length && column + i < from + shown; i++)
		buf_addc(out, '~');
	buf_addc(out, '\n');
}

void problems_render(const struct dockerfile *d, const struct problems *p, struct buf *out)
{
	for (size_t i = 0; i < p->n; i++) {
		const struct problem *x = &p->list[i];
		buf_addf(out, "%s:%u:%u: %s%s%s\n", d->name, x->at.line, x->at.column, x->rule ?: "",
			x->rule ? ": " : "", x->text);
		problem_excerpt(d, x, out);
	}
	if (p->more)
		buf_addf(out, "%s: %zu further problems are not shown\n", d->name, p->more);
}

static unsigned problem_lines(const struct dockerfile *d)
{
	unsigned n = 1;
	for (size_t i = 0; i < d->len; i++)
		n += d->text[i] == '\n';
	return n;
}

/* BuildKit's frame: two lines on each side, more for a single line at the file's edge. */
static void frame_lines(const struct dockerfile *d, unsigned *start, unsigned *end)
{
	unsigned all = problem_lines(d), pad = *start == *end ? 4 : 2;
	for (unsigned p = 0; p < pad; p++) {
		if (*start > 1)
			--*start, p++;
		if (*end < all)
			++*end, p++;
	}
}

void dockerfile_show_at(
	const struct dockerfile *d, struct place at, unsigned length, unsigned last_line, struct buf *out)
{
	unsigned all = problem_lines(d), start = at.line, last = last_line > all ? all : last_line,
		 end = last;
	if (!start || start > all)
		return;
	frame_lines(d, &start, &end);
	buf_addf(out, "%s:%u\n--------------------\n", d->name, at.line);
	for (unsigned line = start; line <= end; line++) {
		const char *text = "";
		size_t len = 0;
		problem_line(d, line, &text, &len);
		/* Programs write lines of a hundred thousand words; their beginning tells which one it is. */
		bool cut = len > SHOWN_COLUMNS;
		len = cut ? SHOWN_COLUMNS : len;
		while (cut && len && ((unsigned char)text[len] & 0xc0) == 0x80)
			len--;
		buf_addf(out, " %3u | %s ", line, line >= at.line && line <= last ? ">>>" : "   ");
		problem_quote(out, text, len);
		buf_adds(out, cut ? "...\n" : "\n");
		if (line != at.line || !at.column || at.column > len)
			continue;
		buf_adds(out, "     |     ");
		for (unsigned i = problem_columns(text, at.column - 1); i; i--)
			buf_addc(out, ' ');
		buf_addc(out, '^');
		for (unsigned i = 1; i < length && at.column + i <= len; i++)
			buf_addc(out, '~');
		buf_addc(out, '\n');
	}
	buf_adds(out, "--------------------\n");
}

void dockerfile_show(const struct dockerfile *d, unsigned first_line, unsigned last_line, struct buf *out)
{
	dockerfile_show_at(d, (struct place){ first_line, 0 }, 0, last_line, out);
}

struct place span_place(const struct span *spans, size_t n, size_t offset)
{
	if (!n)
		return (struct place){ 1, 1 };
	size_t k = 0;
	while (k + 1 < n && spans[k + 1].offset <= offset)
		k++;
	size_t more = offset > spans[k].offset ? offset - spans[k].offset : 0;
	return (struct place){ spans[k].at.line, spans[k].at.column + (unsigned)more };
}

struct place instruction_place(const struct instruction *i, size_t offset)
{
	return span_place(i->spans, i->n_spans, offset);
}

void parse_problem(struct parse *p, size_t offset, size_t length, const char *fmt, ...)
{
	_cleanup_free_ char *text = NULL;
	va_list ap;
	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		text = NULL;
	va_end(ap);
	/* A message stays one readable line, whatever the file holds. */
	if (text && strlen(text) > 400)
		strcpy(text + 397, "...");
	problem_add(p->problems, instruction_place(p->i, offset), (unsigned)length, p->i->last_line, "%s",
		text ?: fmt);
}
