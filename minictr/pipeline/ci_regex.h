/*
 * ci_regex.h - regular expressions as GitLab writes them, /like this/i, matched by regcomp(3).
 *
 * GitLab uses RE2 (https://github.com/google/re2/wiki/Syntax). Both know the same regular languages; what is
 * written differently is translated: \d, (?:, lazy stars, escapes in brackets, flags.
 */
#ifndef MC_PIPELINE_CI_REGEX_H
#define MC_PIPELINE_CI_REGEX_H

#include "base/err.h"

/*
 * Is text "/pattern/flags"? Then 1, or 0 when it is no regular expression at all. *ret_end, when not NULL,
 * points behind it.
 */
bool ci_regex_is(const char *text, const char **ret_end);
/*
 * Does the expression (with its slashes) match somewhere in subject? 1 or 0; -EINVAL names what RE2 has and
 * this has not, or what is broken.
 */
int ci_regex_match(const char *regex, const char *subject, struct mc_err *err);
/* The last match in a long text, for `coverage:`; the first number in it. Caller frees; NULL: none. */
char *ci_regex_last_number(const char *regex, const char *text);

#endif
