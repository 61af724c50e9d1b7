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
	char *text; /* owned until taken; ends trimmed */
	struct span *spans;
	size_t n_spans;
	char *doc; /* comment lines directly above; NULL without */
	struct place at;
	unsigned last_line;
};

struct lexer {
	const char *text;
	size_t len, at;
	unsigned line; /* of `at`, from 1 */
	char escape;
	struct dockerfile *d;
	struct problems *problems;
};

/*
 * Starts at the top of d->text: BOM and "#!" line are skipped, parser directives go to d. NUL: a problem.
 */
void lexer_begin(struct lexer *lx, struct dockerfile *d, struct problems *problems);
/* The next logical line; false at the end. Members of *ret are the caller's: logical_line_free(). */
bool lexer_next(struct lexer *lx, struct logical_line *ret);
void logical_line_free(struct logical_line *l);
/*
 * Reads the bodies of the heredocs that i->line announces (RUN cat <<EOF) into i->heredocs, and moves
 * i->last_line. A missing end is a problem. Not to be called for JSON forms.
 */
void lexer_heredocs(struct lexer *lx, struct instruction *i);
void heredoc_free(struct heredoc *h);
/*
 * One word as a heredoc: digits, <<, -, blanks, NAME or 'NAME'. Fills name, expand, strip_tabs; false: it
 * is none.
 */
bool heredoc_word(const char *word, struct heredoc *ret);

struct place span_place(const struct span *spans, size_t n, size_t offset);

/* One more problem at a place of the file; length: columns to underline. (problems.c) */
void problem_add(struct problems *p, struct place at, unsigned length, unsigned last_line, const char *fmt,
	...) PRINTF_LIKE(5, 6);

#endif
