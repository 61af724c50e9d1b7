/*
 * ignore.h - .dockerignore: which paths of a context stay out. Docker's rules, not git's. Pure.
 * Also --exclude of COPY and ADD (patterns relative to the top of each source).
 */
#ifndef MC_BASE_IGNORE_H
#define MC_BASE_IGNORE_H

#include "base/glob.h"

enum { IGNORE_MAX_PATTERNS = 10000 };

struct ignore_pattern {
	struct glob *glob;
	char *text;    /* cleaned: "a/b", never with / in front or behind */
	bool negated;  /* written with ! */
	unsigned line; /* in the ignore file; 0 for --exclude */
};
struct ignore {
	struct ignore_pattern *list;
	size_t n;
	bool negations; /* at least one ! */
	char *file;     /* for messages: ".dockerignore" */
};

/* Reads an ignore file. A BOM, CRLF, blank lines, # in column 1 are no patterns. -EINVAL: "file:3: ...". */
int ignore_parse(const char *text, size_t len, const char *file, struct ignore *ret, struct mc_err *err);
/* One more pattern, as from --exclude. */
int ignore_add(struct ignore *ig, const char *pattern, struct mc_err *err);
void ignore_free(struct ignore *ig);
#define _cleanup_ignore_ __attribute__((cleanup(ignore_free)))

/*
 * Is this path ignored? path: relative to the context's root, no leading slash, "a/b". A pattern that
 * matches one of its parents matches it, too; the last matching pattern wins. *ret_which (may be NULL):
 * the deciding pattern, NULL if none.
 */
bool ignore_match(const struct ignore *ig, const char *path, const struct ignore_pattern **ret_which);
/*
 * May a walk leave out everything below this ignored directory? Not while a ! pattern could match below
 * it.
 */
bool ignore_may_prune(const struct ignore *ig, const char *dir);

#endif
