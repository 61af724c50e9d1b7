/*
 * engine_use.h - what commands over the engine have in common: opening it, and doing one thing to many names.
 */
#ifndef MC_CLI_ENGINE_USE_H
#define MC_CLI_ENGINE_USE_H

#include "cli/command.h"
#include "cli/row_filter.h"
#include "engine/engine.h"

#define _cleanup_engine_ __attribute__((cleanup(engine_close)))

/* Opens the engine (an ordinary user first becomes root of a namespace of their own: this process starts over). */
int use_engine(struct cli *cli, struct engine *e, struct mc_err *err);

/*
 * Does one thing to each name, as docker: says the name on stdout when it worked, the error on stderr when not, and goes
 * on. Returns the exit status: 1 when one failed.
 */
int each_name(struct cli *cli, int argc, char **argv,
	int (*act)(struct engine *e, const char *name, const void *values, struct mc_err *err),
	const void *values, struct mc_err *err);

/* The same, all at once, each in a process of its own: stopping ten containers takes ten seconds, not a hundred. */
int each_name_at_once(struct cli *cli, int argc, char **argv,
	int (*act)(struct engine *e, const char *name, const void *values, struct mc_err *err),
	const void *values, struct mc_err *err);

/* Asks text with "[y/N]", in a pipe as on a terminal; no answer is no. */
bool ask_yes(const char *text);

#endif
