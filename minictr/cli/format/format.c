/*
 * format.c - how lists are printed: docker's table, JSON lines or a template a row, by one path.
 * The default of each command is itself a table template, so that --format can only do what the default does.
 */
#include "cli/format/format.h"

#include <unistd.h>

#include "base/wrap.h"
#include "cli/format/table.h"

/* On the shell people write '{{.ID}}\t{{.Names}}' in single quotes: \t and \n arrive as two characters. */
static char *unescape(const char *s)
{
	_cleanup_buf_ struct buf b = { 0 };
	for (; *s; s++) {
		if (s[0] == '\\' && (s[1] == 't' || s[1] == 'n')) {
			buf_addc(&b, s[1] == 't' ? '\t' : '\n');
			s++;
		} else {
			buf_addc(&b, *s);
		}
	}
	return buf_take(&b);
}

/* A script gets what there is, to the byte; a terminal nothing that it would obey. */
static void print_line(FILE *out, const char *line)
{
	_cleanup_free_ char *shown = isatty(fileno(out)) ? text_visible(line) : xstrdup(line);
	fprintf(out, "%s\n", shown);
}

static int print_json_lines(const struct json *rows, FILE *out)
{
	for (size_t i = 0; i < json_len(rows); i++) {
		_cleanup_free_ char *line = json_dump(json_item(rows, i), false);
		fprintf(out, "%s\n", line);
	}
	return 0;
}

int format_list(const char *format, const char *default_format, const struct format_title *titles,
	const struct json *rows, FILE *out, struct mc_err *err)
{
	if (str_eq(format, "json"))
		return print_json_lines(rows, out);
	if (!format || !*format || str_eq(format, "table"))
		format = default_format;
	bool table = str_starts(format, "table");
	const char *body = format + (table ? strlen("table") : 0);
	_cleanup_free_ char *template = unescape(body + (table ? strspn(body, " ") : 0));
	_cleanup_strv_ char **lines = NULL;
	_cleanup_buf_ struct buf heads = { 0 };
	int rc = format_check(template, err);
	if (rc == 0 && table)
		rc = format_heading(template, titles, &heads, err);
	if (rc < 0)
		return err_exit(err, 1); /* lists: docker's status is 1 for any wrong template */
	if (table)
		strv_push(&lines, heads.data);
	for (size_t i = 0; i < json_len(rows); i++) {
		_cleanup_buf_ struct buf b = { 0 };
		rc = format_render(template, json_item(rows, i), &b, err);
		if (rc < 0)
			return rc;
		strv_push(&lines, b.data ? b.data : "");
	}
	if (table)
		table_print(out, lines);
	for (size_t i = 0; !table && lines && lines[i]; i++)
		print_line(out, lines[i]);
	return 0;
}

/* docker's layout: four spaces a level, nothing between empty brackets. text: json_dump()'s, two spaces a
 * level. */
static void print_wide(FILE *out, const char *text)
{
	for (const char *line = text; *line;) {
		size_t indent = strspn(line, " "), len = strcspn(line, "\n");
		const char *next = line[len] ? line + len + 1 : line + len;
		const char *close = next + strspn(next, " ");
		bool empty = len && strchr("[{", line[len - 1]) && *close && strchr("]}", *close);
		fprintf(out, "%*s%.*s", (int)(2 * indent), "", (int)(len - indent), line + indent);
		if (empty) {
			fprintf(out, "%.*s", (int)strcspn(close, "\n"), close);
			next = close + strcspn(close, "\n");
			next += *next == '\n';
		}
		fputc('\n', out);
		line = next;
	}
}

int format_inspect(const char *format, const struct json *array, FILE *out, struct mc_err *err)
{
	if (!format || !*format || str_eq(format, "json")) {
		bool wide = (!format || !*format) && json_len(array);
		_cleanup_free_ char *text = json_dump(array, wide);
		if (wide)
			print_wide(out, text);
		else
			fprintf(out, "%s\n", text);
		return 0;
	}
	_cleanup_free_ char *template = unescape(format);
	int wrong = format_check(template, err);
	for (size_t i = 0; wrong == 0 && i < json_len(array); i++) {
		_cleanup_buf_ struct buf b = { 0 };
		int rc = format_render(template, json_item(array, i), &b, err);
		if (rc < 0)
			return rc;
		print_line(out, b.data ? b.data : "");
	}
	return wrong;
}
