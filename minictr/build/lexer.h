/*
 * lexer.h - the bytes of a Dockerfile as logical lines. A logical line is one instruction: continuations
 * joined, comments inside it dropped, its heredocs read. The span table leads from each byte back to line
 * and column.
 */
#ifndef MC_BUILD_LEXER_H
#define MC_BUILD_LEXER_H

#include "build/dockerfile.h"

/* From `offset` in the logical line on (to the next span) the bytes stand at line:column and behind. */
struct span {
	size_t offset;
	struct place at;
};

/* What lints want to know of the text itself. */
struct lex_note {
	const char *rule; /* "NoEmptyContinuation" */
	struct place at;
};

struct logical_line {
	char *text; /* owned until taken */
	struct span *spans;
	size_t n_spans;
	struct heredoc *heredocs;
	size_t n_heredocs;
	char *doc;
	struct place at;
	unsigned last_line;
};

struct lexer {
	const char *text;
	size_t len, at;
	unsigned line; /* of `at` */
	char escape;
	struct dockerfile *d;
	struct problems *problems;
};

/*
 * Skips BOM and "#!", reads the parser directives into d (syntax, check, escape). NUL, lone CR: problems.
 */
void lexer_begin(struct lexer *lx, struct dockerfile *d, struct problems *problems);
/* The next logical line; false at the end. ret's members are owned by the caller: logical_line_free(). */
bool lexer_next(struct lexer *lx, struct logical_line *ret);
void logical_line_free(struct logical_line *l);
/*
 * Heredoc words of a line: reads their bodies from lx. Called by the lexer for RUN, COPY, ADD and ONBUILD
 * of them.
 */
struct place span_place(const struct span *spans, size_t n, size_t offset);
void heredoc_free(struct heredoc *h);

#endif
