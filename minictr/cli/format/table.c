/*
 * table.c - aligned columns and the small texts they are made of: sizes, ages, shortened ids.
 * Width is counted in UTF-8 characters (not bytes), so an ellipsis does not shift the columns behind it.
 */
#include "cli/format/table.h"

#include <time.h>

#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/wrap.h"

enum { GAP = 3, MIN_CELL = 10, MAX_COLUMNS = 32 }; /* docker's: a cell with its gap is 10 wide at least */

static size_t text_width(const char *s, size_t bytes)
{
	size_t n = 0;
	for (size_t i = 0; i < bytes; i++)
		n += ((unsigned char)s[i] & 0xc0) != 0x80; /* continuation bytes take no place */
	return n;
}

static void measure(char *const lines[], size_t widths[MAX_COLUMNS])
{
	for (size_t i = 0; lines && lines[i]; i++) {
		const char *p = lines[i];
		for (size_t col = 0; col < MAX_COLUMNS; col++) {
			size_t n = strcspn(p, "\t"), w = text_width(p, n);
			widths[col] = w > widths[col] ? w : widths[col];
			if (!p[n])
				break;
			p += n + 1;
		}
	}
}

void table_print(FILE *out, char *const lines[]) { table_print_cells(out, lines, MIN_CELL); }

void table_print_cells(FILE *out, char *const raw[], size_t min_cell)
{
	size_t widths[MAX_COLUMNS] = { 0 };
	_cleanup_strv_ char **lines = NULL;
	for (size_t i = 0; raw && raw[i]; i++) { /* commands, labels, authors: an image's words */
		_cleanup_free_ char *line = text_visible(raw[i]);
		for (char *p = line; (p = strchr(p, '\n'));)
			*p = ' '; /* a row is a line */
		strv_push(&lines, line);
	}
	measure(lines, widths);
	for (size_t i = 0; lines && lines[i]; i++) {
		const char *p = lines[i];
		for (size_t col = 0;; col++) {
			size_t n = strcspn(p, "\t");
			fwrite(p, 1, n, out);
			if (!p[n])
				break;
			size_t w = text_width(p, n), cell = (col < MAX_COLUMNS ? widths[col] : w) + GAP;
			fprintf(out, "%*s", (int)((cell < min_cell ? min_cell : cell) - w), "");
			p += n + 1;
		}
		fputc('\n', out);
	}
}

static char *scaled(double v, double step, const char *const units[], size_t n)
{
	size_t i = 0;
	while (v >= step - 0.5 && i + 1 < n) {
		v /= step;
		i++;
	}
	return xasprintf("%.*g%s", v >= 1000 ? 4 : 3, v, units[i]);
}

char *text_size(int64_t bytes)
{
	static const char *const units[] = { "B", "kB", "MB", "GB", "TB", "PB" };
	return scaled((double)bytes, 1000, units, ARRAY_LEN(units));
}

char *text_size_binary(int64_t bytes)
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB", "PiB" };
	size_t i = 0;
	double v = (double)bytes;
	while (v >= 1024 && i + 1 < ARRAY_LEN(units)) {
		v /= 1024;
		i++;
	}
	return xasprintf("%.4g%s", v, units[i]);
}

char *text_ago(int64_t ns_since_epoch)
{
	if (ns_since_epoch <= 0)
		return xstrdup("N/A");
	_cleanup_free_ char *age = duration_text((int64_t)now_ns(CLOCK_REALTIME) - ns_since_epoch);
	return xasprintf("%s ago", age);
}

char *text_short_id(const char *id)
{
	if (str_starts(id, "sha256:") || str_starts(id, "sha512:"))
		id += 7;
	return xstrndup(id, 12);
}

bool text_is_plain(void)
{
	static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };
	const char *term = getenv("TERM"), *locale = "";
	if (getenv("MINICTR_PLAIN"))
		return true;
	if (!isatty(STDOUT_FILENO))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(names) && !*locale; i++)
		locale = getenv(names[i]) ? getenv(names[i]) : "";
	return str_eq(term, "dumb") || !(strcasestr(locale, "utf-8") || strcasestr(locale, "utf8"));
}

char *text_ellipsis(const char *text, size_t width)
{
	size_t bytes = strlen(text);
	bool plain = text_is_plain();
	const char *dots = plain ? "..." : "\xe2\x80\xa6";
	size_t room = plain ? 3 : 1;
	if (text_width(text, bytes) <= width || width < room)
		return xstrdup(text);
	size_t at = 0, chars = 0;
	while (chars < width - room && text[at]) {
		at++;
		while (((unsigned char)text[at] & 0xc0) == 0x80)
			at++;
		chars++;
	}
	return xasprintf("%.*s%s", (int)at, text, dots);
}
