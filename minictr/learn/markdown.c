/*
 * markdown.c - a chapter as a terminal shows it: headings, paragraphs, lists, code, tables, emphasis.
 *
 * Lines that belong together make a block. The marks inside a line (`code`, **bold**, *stress*,
 * [text](address)) become a style for each byte, so that a text is broken by what is seen and not by what is
 * written. Styles end with their line: a pager may begin anywhere. Left out: what no chapter uses (pictures,
 * nested quotes, HTML other than comments, links by reference).
 */
#include "learn/markdown.h"

#include <string.h>
#include "base/buf.h"
#include "base/util.h"

enum style { PLAIN, BOLD, STRESS, CODE };
static const char *const colours[] = {
	[PLAIN] = "", [BOLD] = "\033[1m", [STRESS] = "\033[4m", [CODE] = "\033[36m"
};
enum { COLUMNS_MAX = 8, CODE_INDENT = 2, GAP = 2 };

/* Text and the style of each byte of it. */
struct styled {
	struct buf text, style;
};

static void styled_release(struct styled *s)
{
	buf_release(&s->text);
	buf_release(&s->style);
}

static void add(struct styled *s, const char *bytes, size_t n, enum style style)
{
	buf_add(&s->text, bytes, n);
	for (size_t i = 0; i < n; i++)
		buf_addc(&s->style, (char)style);
}

/* Columns of n bytes: a character of several bytes (UTF-8) takes one. */
static size_t columns_of(const char *text, size_t n)
{
	size_t columns = 0;
	for (size_t i = 0; i < n; i++)
		columns += (text[i] & 0xc0) != 0x80;
	return columns;
}

/* The end of what begins at p with this mark; NULL when it is no mark here but a plain character. */
static const char *mark_end(const char *p, const char *mark)
{
	size_t n = strlen(mark);
	if (strncmp(p, mark, n) != 0 || (*mark == '*' && (p[n] == ' ' || p[n] == '\0')))
		return NULL;
	const char *end = strstr(p + n, mark);
	while (end && *mark == '*' && (end[-1] == ' ' || (n == 1 && end[1] == '*')))
		end = strstr(end + (end[1] == '*' ? 2 : 1), mark);
	return end && end > p + n ? end : NULL;
}

/* [text](address): the text, and the address behind it when it leads out of the book. Bytes taken, or 0. */
static size_t add_link(struct styled *s, const char *p)
{
	const char *close = strstr(p, "]("), *end = close ? strchr(close, ')') : NULL;
	if (!end || memchr(p + 1, '[', (size_t)(close - p - 1)))
		return 0;
	add(s, p + 1, (size_t)(close - p - 1), STRESS);
	if (str_starts(close + 2, "http")) {
		add(s, " (", 2, PLAIN);
		add(s, close + 2, (size_t)(end - close - 1), PLAIN);
	}
	return (size_t)(end + 1 - p);
}

static void add_inline(struct styled *s, const char *p, enum style style)
{
	static const struct {
		const char *mark;
		enum style style;
	} marks[] = { { "``", CODE }, { "`", CODE }, { "**", BOLD }, { "*", STRESS } };
	while (*p) {
		const char *end = NULL;
		size_t i, taken = *p == '[' ? add_link(s, p) : 0;
		p += taken;
		if (taken)
			continue;
		for (i = 0; i < ARRAY_LEN(marks) && !end; i++)
			end = mark_end(p, marks[i].mark);
		if (end) {
			size_t n = strlen(marks[i - 1].mark);
			_cleanup_free_ char *inner = xstrndup(p + n, (size_t)(end - p) - n);
			if (marks[i - 1].style == CODE)
				add(s, inner, strlen(inner), CODE);
			else
				add_inline(s, inner, marks[i - 1].style);
			p = end + n;
			continue;
		}
		p += *p == '\\' && p[1] && strchr("\\`*_|[]<>#", p[1]);
		add(s, p, 1, style);
		p++;
	}
}

/* --- lines --- */

static void put(struct buf *out, const struct styled *s, size_t from, size_t to, bool colour)
{
	char now = PLAIN;
	for (size_t i = from; i < to; i++) {
		char style = s->style.data[i];
		if (colour && style != now)
			buf_addf(out, "%s%s", now != PLAIN ? "\033[0m" : "", colours[(int)style]);
		now = style;
		buf_addc(out, s->text.data[i]);
	}
	if (colour && now != PLAIN)
		buf_adds(out, "\033[0m");
}

/* Where a line that begins at `at` ends, with room for so many columns; width 0: at the end of the text. */
static size_t line_end(const struct styled *s, size_t at, size_t width)
{
	const char *text = s->text.data ? s->text.data : "";
	size_t last = at, n = s->text.len;
	for (size_t end = at; width && end < n; last = end) {
		end += strspn(text + end, " ");
		end += strcspn(text + end, " ");
		if (columns_of(text + at, end - at) > width)
			return last > at ? last : end; /* a word longer than the line stays whole */
	}
	return n;
}

/* `first` before the first line, blanks of the same width, and `hang` more, before the others. */
static void put_block(
	struct buf *out, const struct styled *s, const char *first, size_t hang, size_t width, bool colour)
{
	size_t indent = columns_of(first, strlen(first)), at = 0;
	do {
		size_t used = indent + (at ? hang : 0);
		buf_addf(out, "%*s", (int)(at ? used : 0), "");
		buf_adds(out, at ? "" : first);
		size_t end = line_end(s, at, width > used + 8 ? width - used : width);
		put(out, s, at, end, colour);
		buf_addc(out, '\n');
		at = end + (s->text.data ? strspn(s->text.data + end, " ") : 0);
	} while (at < s->text.len);
}

static void put_text(
	struct buf *out, const char *text, const char *first, enum style style, size_t width, bool colour)
{
	struct styled s = { 0 };
	if (style == CODE)
		add(&s, text, strlen(text), CODE);
	else
		add_inline(&s, text, style);
	put_block(out, &s, first, style == CODE ? 4 : 0, width,
		colour); /* what goes on is no line of its own */
	styled_release(&s);
}

static void put_heading(struct buf *out, const char *line, size_t width, bool colour)
{
	size_t level = strspn(line, "#"), from = out->len;
	put_text(out, line + level + strspn(line + level, " "), "", BOLD, width, false);
	size_t columns = columns_of(out->data + from, out->len - from - 1);
	if (colour) {
		_cleanup_free_ char *plain = xstrndup(out->data + from, out->len - from - 1);
		out->len = from;
		buf_addf(out, "\033[1m%s\033[0m\n", plain);
	}
	for (size_t i = 0; level < 3 && i < columns && (!width || i < width); i++)
		buf_addc(out, level == 1 ? '=' : '-');
	if (level < 3)
		buf_addc(out, '\n');
}

/* --- tables --- */

struct row {
	struct styled cell[COLUMNS_MAX];
	size_t n;
};

/* "| a | `b|c` |": a bar inside code or behind a backslash does not end a cell. */
static void row_read(struct row *r, const char *line)
{
	const char *p = line + 1;
	for (r->n = 0; *p && r->n < COLUMNS_MAX; r->n++) {
		bool code = false;
		const char *end = p;
		for (; *end && (*end != '|' || code); end++) {
			code ^= *end == '`';
			end += *end == '\\' && end[1];
		}
		_cleanup_free_ char *text = xstrndup(p, (size_t)(end - p));
		char *begin = text + strspn(text, " ");
		for (size_t n = strlen(begin); n && begin[n - 1] == ' '; n--)
			begin[n - 1] = '\0';
		add_inline(&r->cell[r->n], begin, PLAIN);
		p = end + (*end == '|');
	}
}

/* Columns as wide as their widest cell, the widest made narrower until the table fits. */
static void table_widths(const struct row *rows, size_t n, size_t width, size_t wide[COLUMNS_MAX])
{
	size_t sum = 0, used = 0;
	for (size_t c = 0; c < COLUMNS_MAX; c++) {
		wide[c] = 0;
		for (size_t i = 0; i < n; i++) {
			const struct buf *t = &rows[i].cell[c].text;
			size_t columns = c < rows[i].n && t->data ? columns_of(t->data, t->len) : 0;
			wide[c] = columns > wide[c] ? columns : wide[c];
		}
		sum += wide[c] + (wide[c] ? GAP : 0);
		used += wide[c] > 0;
	}
	while (width && used && sum > width + GAP) {
		size_t widest = 0;
		for (size_t c = 1; c < COLUMNS_MAX; c++)
			widest = wide[c] > wide[widest] ? c : widest;
		if (wide[widest] <= 6)
			break;
		wide[widest]--;
		sum--;
	}
}

static void put_row(struct buf *out, const struct row *r, const size_t wide[COLUMNS_MAX], bool colour)
{
	size_t at[COLUMNS_MAX] = { 0 };
	for (bool more = true; more;) {
		size_t pending = 0; /* blanks are written before the next cell only: no line ends with them */
		more = false;
		for (size_t c = 0; c < r->n; c++) {
			const struct styled *s = &r->cell[c];
			size_t end = line_end(s, at[c], wide[c]), columns = 0;
			if (end > at[c]) {
				buf_addf(out, "%*s", (int)pending, "");
				put(out, s, at[c], end, colour);
				columns = columns_of(s->text.data + at[c], end - at[c]);
				pending = 0;
				at[c] = end + strspn(s->text.data + end, " ");
			}
			pending += (wide[c] > columns ? wide[c] - columns : 0) + GAP;
			more |= at[c] < s->text.len;
		}
		buf_addc(out, '\n');
	}
}

/* Takes the table's lines off *rest. */
static void put_table(struct buf *out, char **rest, size_t width, bool colour)
{
	struct row *rows = NULL;
	size_t n = 0, wide[COLUMNS_MAX];
	bool head = false;
	while (*rest && **rest == '|') {
		const char *line = strsep(rest, "\n");
		if (n == 1 && strspn(line, "|-: ") == strlen(line)) {
			head = true;
			continue;
		}
		rows = xrealloc(rows, (n + 1) * sizeof(*rows));
		rows[n] = (struct row){ .n = 0 };
		row_read(&rows[n++], line);
	}
	table_widths(rows, n, width, wide);
	for (size_t i = 0; i < n; i++) {
		put_row(out, &rows[i], wide, colour);
		for (size_t c = 0, k; i == 0 && head && c < COLUMNS_MAX && wide[c]; c++) {
			for (k = 0; k < wide[c]; k++)
				buf_addc(out, '-');
			buf_adds(out, c + 1 < COLUMNS_MAX && wide[c + 1] ? "  " : "\n");
		}
		for (size_t c = 0; c < COLUMNS_MAX; c++)
			styled_release(&rows[i].cell[c]);
	}
	free(rows);
}

/* --- blocks --- */

/* Bytes of "- " or "12. " with the blanks before it; 0: the line begins no list item. */
static size_t item_mark(const char *line)
{
	size_t n = strspn(line, " "), digits = strspn(line + n, "0123456789");
	if (digits && str_starts(line + n + digits, ". "))
		return n + digits + 2;
	return (line[n] == '-' || line[n] == '*') && line[n + 1] == ' ' ? n + 2 : 0;
}

static bool ends_paragraph(const char *line)
{
	const char *p = line + strspn(line, " ");
	return !*p || *line == '#' || *line == '|' || *line == '>' || str_starts(p, "```") ||
	       str_starts(p, "<!--") || item_mark(line);
}

/* Joins the lines of a paragraph, list item or quotation that go on from `text`, which is taken off already.
 */
static char *joined(char *text, bool quoted, char **rest)
{
	struct buf b = { 0 };
	buf_adds(&b, text);
	for (;;) {
		size_t len = *rest ? strcspn(*rest, "\n") : 0;
		_cleanup_free_ char *next = xstrndup(*rest ? *rest : "", len);
		const char *more = next + (quoted && *next == '>');
		if (!*rest || (quoted && *next != '>') || ends_paragraph(more))
			return buf_take(&b);
		buf_addf(&b, " %s", more + strspn(more, " "));
		strsep(rest, "\n");
	}
}

static void put_code(struct buf *out, char **rest, size_t width, bool colour)
{
	char *line;
	while ((line = strsep(rest, "\n")) && !str_starts(line + strspn(line, " "), "```")) {
		struct buf wide = { 0 };
		for (const char *p = line; *p; p++) /* a tab would break the indent */
			if (*p == '\t')
				buf_adds(&wide, "    ");
			else
				buf_addc(&wide, *p);
		size_t blanks = wide.data ? strspn(wide.data, " ") : 0;
		_cleanup_free_ char *first = xasprintf("%*s", (int)(CODE_INDENT + blanks), "");
		if (wide.data && wide.data[blanks])
			put_text(out, wide.data + blanks, first, CODE, width, colour);
		else
			buf_addc(out, '\n');
		buf_release(&wide);
	}
}

char *markdown_text(const char *source, size_t width, bool colour)
{
	struct buf out = { 0 };
	char *copy = xstrdup(source), *rest = copy, *line;
	buf_adds(&out, "");
	while (rest && *rest) {
		if (*rest == '|') {
			put_table(&out, &rest, width, colour);
			continue;
		}
		line = strsep(&rest, "\n");
		const char *p = line + strspn(line, " ");
		size_t mark = item_mark(line);
		if (str_starts(p, "```"))
			put_code(&out, &rest, width, colour);
		else if (str_starts(p, "<!--"))
			continue;
		else if (*line == '#')
			put_heading(&out, line, width, colour);
		else if (!*p)
			buf_addc(&out, '\n');
		else {
			mark = mark ? mark : *line == '>' ? 1 + (line[1] == ' ') : 0;
			_cleanup_free_ char *first = xstrndup(line, mark);
			bool quoted = *first == '>';
			if (quoted)
				memset(first, ' ', mark);
			if (quoted && !line[mark]) { /* ends a paragraph of the quotation */
				buf_addc(&out, '\n');
				continue;
			}
			_cleanup_free_ char *whole =
				joined(line + mark + strspn(line + mark, " "), quoted, &rest);
			put_text(&out, whole, first, PLAIN, width, colour);
		}
	}
	free(copy);
	return buf_take(&out);
}
