/*
 * args.h - ARG before FROM and --build-arg: which values the whole file knows. Pure.
 *
 *     struct args args = {0};
 *     args_init(&args, given, &build, &target, stage);   given: "NAME=VALUE"
 *     args_global(&args, d, NULL, err);                  the ARGs before the first FROM
 *     dockerfile_resolve(d, &args, NULL, err);
 * What a stage sees is in configure.h. At the end args_unused(): --build-arg that nothing declared.
 */
#ifndef MC_BUILD_ARGS_H
#define MC_BUILD_ARGS_H

#include "build/dockerfile.h"
#include "build/expand.h"

struct build_platform {
	const char *os, *arch, *variant; /* "linux", "arm64", "v8"; variant may be "" or NULL */
};

struct args {
	char **given; /* --build-arg NAME=VALUE */
	/* "NAME=VALUE" seen by FROM lines and by ARG NAME in stages; BUILDPLATFORM ... first */
	char **global;
};
/* target_stage: --target, or the last stage's name; NULL or "": "default", as BuildKit says. */
void args_init(struct args *a, char *const given[], const struct build_platform *build,
	const struct build_platform *target, const char *target_stage);
/* Reads the ARGs before FROM: a --build-arg wins over the default. *at: place of an error, err_place(). */
int args_global(struct args *a, const struct dockerfile *d, struct place *at, struct mc_err *err);
void args_free(struct args *a);

/*
 * Value of one ARG word ("NAME" or "NAME=default"): --build-arg, else the default with its variables
 * replaced (by v), else, in a stage, what the global ARG of that name has. *ret_value is NULL when it has
 * none; both results are owned by the caller.
 */
int args_value(const struct args *a, const char *word, bool global_too, const struct vars *v, char **ret_name,
	char **ret_value, struct mc_err *err);

/* HTTP_PROXY and its kind, both cases: usable by RUN without ARG, in neither cache key nor history. */
bool arg_is_proxy(const char *name);
/* --build-arg names that no ARG declared and that are not predefined; caller strv_free()s. */
char **args_unused(const struct args *a, const struct dockerfile *d);

#endif
