/*
 * glob.h - patterns over paths: COPY's sources (Go's filepath.Match) and .dockerignore (the same with
 * **). Pure.
 *
 * A compiled pattern is run as a set of states over the text, so time is at most pattern times text: many
 * stars cost no more than one.
 */
#ifndef MC_BASE_GLOB_H
#define MC_BASE_GLOB_H

#include "base/err.h"

/* Parts of one pattern; a longer one is refused. */
enum { GLOB_MAX_TOKENS = 1024 };

struct glob; /* a compiled pattern */
/*
 * deep: ** stands for any number of directories. *ret is the caller's: glob_free(). -EINVAL for a broken
 * pattern: a [ without its ], a \ at the end, more than GLOB_MAX_TOKENS parts.
 */
int glob_compile(const char *pattern, bool deep, struct glob **ret, struct mc_err *err);
void glob_free(struct glob *g);
/*
 * Does the pattern match all of text? above: one of the directories above it is enough ("a" matches
 * "a/b/c").
 */
bool glob_run(const struct glob *g, const char *text, bool above);

/*
 * Go's filepath.Match: * ? [a-z] [^a] \x, none of which but \ matches a slash. false for a broken
 * pattern, too: glob_valid() tells.
 */
bool glob_match(const char *pattern, const char *text);
bool glob_valid(const char *pattern);
bool glob_has_magic(const char *pattern); /* has it any of * ? [ \ */
/* The same with ** for any number of directories: --parents. */
bool glob_match_deep(const char *pattern, const char *text);

#endif
