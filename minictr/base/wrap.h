/*
 * wrap.h - text for a terminal: long lines are broken between words, control characters are made visible.
 */
#ifndef MC_BASE_WRAP_H
#define MC_BASE_WRAP_H

#include <stddef.h>

/* Columns of the terminal at fd (110 when it reports none). 0 when fd is no terminal: then lines are not
 * broken, because a program that reads a pipe expects one record a line. No malloc, errno preserved. */
size_t wrap_width(int fd);

/*
 * Copies text to out (size bytes, always terminated, cut when too small), broken between words so that no
 * line is longer than width; lines after the first start with indent blanks. A word longer than a line
 * stays whole. A tab becomes a blank at which no line is broken ("tutorial\t4"). width 0: breaks nothing.
 * Returns the bytes written. No malloc, no stdio.
 */
size_t wrap_text(char *out, size_t size, const char *text, size_t width, size_t indent);

/*
 * A copy of text (caller frees) in which control characters except tab and newline are written out, as in
 * "\x1b[31m". The label of an image, a file name or the answer of a registry must not move the cursor, set
 * the window's title or hide a line.
 */
char *text_visible(const char *text);

#endif
