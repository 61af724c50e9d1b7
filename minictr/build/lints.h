/*
 * lints.h - `build --check`: BuildKit's rules, by its names, over the parsed file. Pure.
 */
#ifndef MC_BUILD_LINTS_H
#define MC_BUILD_LINTS_H

#include "build/args.h"
#include "build/ignore.h"

struct lint_input {
	const struct dockerfile *d; /* after dockerfile_resolve() */
	const struct args *args;
	const struct ignore *ignore; /* NULL: no .dockerignore */
	const char *target;          /* NULL: all stages are looked at */
	const char *options;         /* --build-arg BUILDKIT_DOCKERFILE_CHECK; NULL: d->check */
	/*
	 * Env of a base image by the FROM word when the caller has it ("NAME=VALUE" list, borrowed); may
	 * be NULL.
	 */
	char *const *(*image_env)(void *context, const char *image);
	void *context;
};
/*
 * Runs every rule that is on. *error is set when "# check=error=true" was said: warnings are errors then.
 * Fills *ret (caller's, problems_free), in order of the file.
 */
int dockerfile_lint(const struct lint_input *in, struct problems *ret, bool *error, struct mc_err *err);
/* As `docker build --check` prints it: rule, link, sentence, the lines with >>>. */
void lints_render(const struct dockerfile *d, const struct problems *p, struct buf *out);
/* "Check complete, 2 warnings have been found!" */
void lints_summary(const struct problems *p, struct buf *out);

#endif
