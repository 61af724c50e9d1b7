/*
 * vm/compare_show.h - a comparison as people see it: table and bars in the terminal, a chart as SVG.
 */
#ifndef MC_CLI_VM_COMPARE_SHOW_H
#define MC_CLI_VM_COMPARE_SHOW_H

#include "base/json.h"
#include "vm/measure.h"

/* Guesses of --predict: how many times the container's number the machine's is; key -> number, or NULL. */
void compare_print(FILE *out, const struct json *doc, const struct json *guesses);
/* A self-contained picture for a slide. Appended to b. */
void compare_svg(const struct json *doc, struct buf *b);

/* "155 x": the machine's number in units of the container's; "" when there is none. */
void compare_ratio_text(const struct json *row, char *out, size_t size);
/* What stands in one side's cell: number and unit, or the text, or both. Caller frees. */
char *compare_cell(const struct json *row, const struct compare_row *meaning, const char *side);
/* Was the machine emulated, and is this one of the rows that this makes unfair? */
bool compare_unfair(const struct json *doc, const struct compare_row *meaning);

#endif
