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
	bool keep_escapes;   /* escapes stay where they are: patterns of ${v#p} */
	/* when not NULL: names that were asked for and have no value are pushed there */
	char ***unset;
	char ***used; /* when not NULL: every name that was asked for is pushed there, once */
};

/*
 * Replaces the variables of text and resolves its quotes. *ret is the caller's to free.
 *   Outside quotes: $NAME and ${...} are replaced, the escape character makes the next character ordinary.
 *   In double quotes: the same, but it makes only ", $ and itself ordinary and stays in front of all else.
 *   In single quotes: all characters are ordinary.
 * The quotes themselves vanish. A variable that is not set gives nothing. A quote that stays open is
 * -EINVAL.
 */
int expand(const char *text, const struct vars *v, char **ret, struct mc_err *err);

/*
 * ${v#p} ${v##p} ${v%p} ${v%%p}: value without its shortest (longest) beginning or end that matches.
 * Patterns know * and ? and \ in front of them. ${v/p/r} ${v//p/r}: the first (each) match replaced, the
 * leftmost longest one. *ret is the caller's. -EINVAL for a broken escape and for work beyond all reason.
 * (expand_pattern.c)
 */
int pattern_trim(
	const char *value, const char *pattern, bool suffix, bool longest, char **ret, struct mc_err *err);
int pattern_replace(
	const char *value, const char *pattern, const char *by, bool all, char **ret, struct mc_err *err);

#endif
