/*
 * start.h - a container that exists is started.
 */
#ifndef MC_ENGINE_START_H
#define MC_ENGINE_START_H

#include "engine/container.h"

struct start_options {
	bool attach;      /* forward output and wait for the end */
	bool interactive; /* forward stdin */
	bool sig_proxy;
	bool no_stdout, no_stderr; /* -a names the streams: the others stay outside */
	const char *detach_keys;   /* NULL: ctrl-p,ctrl-q; borrowed */
	uint64_t output_max;       /* as in attach_options */
	bool restart;              /* by its restart policy: the restart count goes up */
	/*
	 * Called before the program runs, with the monitor listening: others that want to attach connect and miss
	 * nothing. NULL: not called. A failure of it is none of the start's.
	 */
	void (*connect)(void *arg, struct engine *e, const char *id);
	void *connect_arg;
};

/*
 * Starts a created or exited container; starting a running one is no error. Without o->attach it
 * returns once the program runs; with it, when the program has ended: *ret_exit is its exit code (0 after
 * detaching). err->exit_status is 126 or 127 when the program could not be executed or was not found; else
 * 0: the command's own.
 */
int container_start(
	struct engine *e, const char *name, const struct start_options *o, int *ret_exit, struct mc_err *err);

#endif
