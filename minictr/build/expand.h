/*
 * expand.h - $NAME and ${NAME...} in a Dockerfile: text and variables to text. Pure. Lab 06.1.
 *
 * Forms: $v ${v} ${v:-w} ${v-w} ${v:+w} ${v+w} ${v:?w} ${v?w} ${v#p} ${v##p} ${v%p} ${v%%p} ${v/p/r}
 * ${v//p/r}.
 */
#ifndef MC_BUILD_EXPAND_H
#define MC_BUILD_EXPAND_H

#include "base/buf.h"
#include "base/err.h"

struct vars {
	char *const *values; /* "NAME=VALUE"; a later one wins over an earlier one; NULL: none */
	char escape;         /* the file's escape character; 0: backslash */
	bool keep_quotes;    /* quotes are ordinary text and stay: bodies of heredocs */
	/* when not NULL: names that were asked for and have no value are pushed there */
	char ***unset;
	char ***used; /* when not NULL: every name that was asked for is pushed there, once */
};
/* The value of a variable, borrowed; NULL when it is not set. (given) */
const char *vars_get(const struct vars *v, const char *name, size_t len);
/*
 * Does text match a pattern of * ? and \\ wholly? No brackets; no backtracking, so no exponential time.
 * (given)
 */
bool expand_match(const char *pattern, size_t pattern_len, const char *text, size_t len);

int expand(const char *text, const struct vars *v, char **ret, struct mc_err *err);

#endif
