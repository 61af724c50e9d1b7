/*
 * lints.h - `build --check`: BuildKit's rules, by its names, over the parsed file. Pure.
 *
 *     struct lint_input in = { .d = d, .args = &args, .ignore = &ignore };
 *     rc = dockerfile_lint(&in, &found, &broken, &error, err);
 *     lints_summary(&found, &out);
 *     lints_render(d, &found, &out);              exit status 1 when found.n > 0, as docker's
 * InvalidBaseImagePlatform needs the image itself: it is looked at when it is here.
 */
#ifndef MC_BUILD_LINTS_H
#define MC_BUILD_LINTS_H

#include "build/configure.h"
#include "base/ignore.h"

struct lint_input {
	const struct dockerfile *d;  /* after dockerfile_resolve() */
	const struct args *args;     /* after args_global() */
	const struct ignore *ignore; /* NULL: no .dockerignore */
	const char *platform;        /* --platform; NULL: this machine */
	const char *target;          /* NULL: all stages are looked at, else what it needs */
	const bool *need;            /* stages whose errors are told; NULL: all that are looked at */
	const char *options;         /* "skip=A,B;error=true;experimental=C"; NULL: what "# check=" says */
	/*
	 * The configuration document of a base image, borrowed; NULL when it is not at hand: then
	 * UndefinedVar is silent for stages on it, since their Env is not known. *ret_only: the name has no
	 * other platform to choose from. May be NULL.
	 */
	const struct json *(*image)(void *context, const char *name, bool *ret_only);
	void *context;
};
/*
 * Runs every rule that is on, fills *ret (caller's, problems_free()) in order of the file. *error:
 * "error=true" was said, so warnings are errors. -EINVAL for options that can't be read.
 * *broken (caller's, too): instructions that fail as soon as their variables are replaced ("ENV a=${b").
 * They are known before anything runs, as those of the parser are; with any of them the answer is -EINVAL
 * and *err holds the first one.
 */
int dockerfile_lint(const struct lint_input *in, struct problems *ret, struct problems *broken, bool *error,
	struct mc_err *err);
/* As `docker build --check` prints them: rule, link, sentence, the lines with >>>, and a caret. */
void lints_render(const struct dockerfile *d, const struct problems *p, struct buf *out);
/* "Check complete, 2 warnings have been found!\n" */
void lints_summary(const struct problems *p, struct buf *out);

/* --- between lint.c, lints.c, lint_text.c and lint_values.c --- */

struct lint {
	const struct lint_input *in;
	struct problems *ret, *broken;
	char **skip, **experimental; /* of the whole file; "all" is a name, too */
	bool error;
};
/* "skip=A,B;error=true;experimental=C" into l. -EINVAL names what cannot be read. */
int lints_options(struct lint *l, const char *text, struct mc_err *err);
/*
 * One finding. rule: BuildKit's name (static); doc: the comment above the instruction, which may skip the
 * rule.
 */
void lint_report(struct lint *l, const char *rule, const char *doc, struct place at, unsigned length,
	unsigned last_line, const char *fmt, ...) PRINTF_LIKE(7, 8);
/* The same for a whole instruction. */
void lint_instruction(struct lint *l, const char *rule, const struct instruction *i, const char *fmt, ...)
	PRINTF_LIKE(4, 5);
/* Rules that look at the text of the whole file (lint_text.c); at what values come out (lint_values.c). */
void lint_text(struct lint *l);
void lint_from(struct lint *l);
void lint_stages(struct lint *l, const bool need[]);

#endif
