/*
 * table.h - aligned columns as docker prints them: left-aligned, at least three blanks between columns.
 * Also the small things columns are made of: sizes, ages, shortened ids and commands. Caller frees char *
 * results.
 */
#ifndef MC_CLI_TABLE_H
#define MC_CLI_TABLE_H

#include <stdint.h>
#include "base/util.h"

/* Prints lines whose cells are separated by tabs; the first line may be the headings. Widths in UTF-8
 * characters. */
void table_print(FILE *out, char *const lines[]);
/* The same, where a cell with its gap is at least min_cell wide; of table_print() 10. */
void table_print_cells(FILE *out, char *const lines[], size_t min_cell);

char *text_size(int64_t bytes);         /* docker's decimal sizes: "4.26MB", "0B" */
char *text_size_binary(int64_t bytes);  /* "64MiB" (stats) */
char *text_ago(int64_t ns_since_epoch); /* "3 hours ago"; "N/A" for 0 */
char *text_short_id(const char *
		id); /* Is standard output a terminal that shows ASCII only: TERM=dumb, or a locale that is not UTF-8 (locale(7))? A pipe is none: a
 * script gets what docker prints. MINICTR_PLAIN in the environment says so of a list that is paged. */
bool text_is_plain(void);
/* without "sha256:", 12 characters */
char *text_ellipsis(const char *text, size_t width); /* at most width characters, "…" as the last */

#endif
