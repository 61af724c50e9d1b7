/*
 * start_watch.h - the command stays with the program it has started, until that ends.
 */
#ifndef MC_ENGINE_START_WATCH_H
#define MC_ENGINE_START_WATCH_H

#include "engine/container.h"
#include "engine/start.h"

/*
 * Carries input and output over *attach (a connection to the monitor, taken: -1 afterwards) until the
 * program ends or the user detaches. *ret_exit is its exit code; an OOM kill is said; what --rm asked for
 * is done.
 */
int start_watch(struct engine *e, const struct container *c, const struct start_options *options, int *attach,
	int *ret_exit, struct mc_err *err);

/* Does a client attach? */
bool start_connects(const struct start_options *o);
/* They do, before the program runs. *ret_attach is the connection of this process; untouched without one. */
int start_connect(struct engine *e, const struct container *c, const struct start_options *o, int *ret_attach,
	struct mc_err *err);

#endif
