/*
 * source.h - just enough C reading to find functions and their doc comments: what the starter generator,
 * mutants and `look at` need. It relies on the house style: a definition begins in column 1 and its closing
 * brace stands in column 1, or all on one line.
 */
#ifndef MC_LEARN_SOURCE_H
#define MC_LEARN_SOURCE_H

#include "base/buf.h"
#include "base/err.h"

struct function {
	char *name;
	size_t comment; /* offset of the doc comment above, or of the definition when there is none */
	size_t start;   /* offset of the definition's first character */
	size_t body;    /* offset of its opening brace */
	size_t end;     /* offset behind its last line */
	int line;       /* line of the definition, from 1 */
	int body_lines; /* lines between the braces */
	char task[8];   /* of the marker "Lab 01.4: ...", "" when there is none */
	char *sentence; /* of the marker, NULL */
	bool is_static;
	char **parameters; /* their names, in order */
};

struct source {
	char *path, *text;
	size_t len;
	struct function *function;
	size_t n;
};

int source_read(const char *path, struct source **ret, struct mc_err *err);
struct source *source_parse(const char *path, const char *text); /* copies */
const struct function *source_function(const struct source *s, const char *name);
void source_free(struct source *s);

#endif
