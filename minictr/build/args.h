/*
 * args.h - ARG and --build-arg: which variable is seen where. Pure.
 *
 *     struct args args = {0};
 *     args_init(&args, given, &platform);        given: "NAME=VALUE", the client's own values filled in
 *     args_global(&args, d, err);                the ARGs before the first FROM
 *     dockerfile_resolve(d, &args, err);
 *     for each stage: struct stage_args s = {0}; stage_args_begin(&s, parent stage's or NULL);
 *         for each ARG instruction (resolved): stage_args_declare(&s, &args, i);
 *         vars of the stage: stage_args_vars(&s, image's Env) gives one list for struct vars and for RUN
 *     args_unused(&args) at the end: --build-arg that nothing declared
 */
#ifndef MC_BUILD_ARGS_H
#define MC_BUILD_ARGS_H

#include "build/dockerfile.h"
#include "build/expand.h"

struct build_platform {
	const char *os, *arch, *variant; /* "linux", "arm64", "v8"; variant may be "" or NULL */
};

struct args {
	char **given;    /* --build-arg NAME=VALUE */
	char **declared; /* names that an ARG (or the list of predefined ones) has claimed */
	/* "NAME=VALUE" seen by FROM lines and by ARG NAME in stages; BUILDPLATFORM ... first */
	char **global;
	char **known; /* names of global ARGs, with or without a value */
};
void args_init(struct args *a, char *const given[], const struct build_platform *build,
	const struct build_platform *target, const char *target_stage);
/* Reads the ARGs before FROM: a --build-arg wins over the default. */
int args_global(struct args *a, const struct dockerfile *d, struct mc_err *err);
/*
 * --build-arg names that no ARG declared and that are not predefined; borrowed strings, caller
 * strv_free()s.
 */
char **args_unused(const struct args *a);
void args_free(struct args *a);

/* HTTP_PROXY and its kind, both cases: usable by RUN without ARG, in neither cache key nor history. */
bool arg_is_proxy(const char *name);
/*
 * "NAME=VALUE" of given proxies that the stage has not declared: for RUN's environment only. Caller
 * strv_free()s.
 */
struct stage_args {
	char **list;  /* "NAME=VALUE", in order of declaration; a declared ARG without value is not here */
	char **names; /* all declared names */
};
/* A stage FROM a stage inherits its ARGs; from NULL: none. */
void stage_args_begin(struct stage_args *s, const struct stage_args *from);
void stage_args_free(struct stage_args *s);
/* One resolved ARG instruction: "NAME" or "NAME=default", each seeing the ones before it. */
int stage_args_declare(struct stage_args *s, struct args *a, const struct instruction *i,
	const struct vars *v, struct mc_err *err);
/*
 * What this point of the stage sees: image Env, then ARGs: an ARG declared after an ENV of its name wins
 * for the build, an ENV after the ARG wins everywhere (stage_args_env() is told of each ENV). Caller
 * strv_free()s.
 */
char **stage_args_vars(const struct stage_args *s, char *const env[]);
/* An ENV of this name came: it hides the ARG of that name from here on. */
void stage_args_env(struct stage_args *s, const char *name);
/* Undeclared proxies that were given with --build-arg: for RUN's environment only. Caller strv_free()s. */
char **args_proxies(const struct args *a, const struct stage_args *s);

#endif
