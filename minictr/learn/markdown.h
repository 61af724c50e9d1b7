/*
 * markdown.h - the book's chapters for a terminal.
 */
#ifndef MC_LEARN_MARKDOWN_H
#define MC_LEARN_MARKDOWN_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The source without its marks, lines of at most `width` columns (0: a paragraph is one line), with colours
 * or without. Caller frees.
 */
char *markdown_text(const char *source, size_t width, bool colour);

#endif
