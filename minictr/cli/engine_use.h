/*
 * engine_use.h - what commands over the engine have in common: opening it, and doing one thing to many names.
 */
#ifndef MC_CLI_ENGINE_USE_H
#define MC_CLI_ENGINE_USE_H

#include "cli/command.h"
#include "engine/row_filter.h"
#include "engine/container.h"
#include "engine/engine.h"

#define _cleanup_engine_ __attribute__((cleanup(engine_close)))

/* Opens the engine (an unprivileged user first becomes root of a namespace of their own: this process starts
 * over). */
int use_engine(struct cli *cli, struct engine *e, struct mc_err *err);

/*
 * Does one thing to each name, as docker: says the name on stdout when it worked, the error on stderr when
 * not, and goes on. Returns the exit status: 1 when one failed. An act that returns EACH_UNSAID has said
 * what there is to say.
 */
enum { EACH_UNSAID = 1 };
int each_name(struct cli *cli, int argc, char **argv,
	int (*act)(struct engine *e, const char *name, const void *values, struct mc_err *err),
	const void *values, struct mc_err *err);

/* The same, all at once, each in a process of its own: stopping ten containers takes ten seconds, not a
 * hundred. */
int each_name_at_once(struct cli *cli, int argc, char **argv,
	int (*act)(struct engine *e, const char *name, const void *values, struct mc_err *err),
	const void *values, struct mc_err *err);

/* --all: the names of the containers that want() likes replace argv (there must be none then). Fills *ret,
 * caller strv_free()s. -EINVAL, exit status 125, for names beside --all, and for neither. */
int names_or_all(struct cli *cli, bool all, int argc, char **argv, bool (*want)(const struct container *c),
	char ***ret, struct mc_err *err);
/* For names_or_all(): those that run, that are frozen, any. */
bool container_runs(const struct container *c);
bool container_frozen(const struct container *c);
bool container_any(const struct container *c);

/* Asks text with "[y/N]", in a pipe as on a terminal; no answer is no. */
bool ask_yes(const char *text);

#endif
