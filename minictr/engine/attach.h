/*
 * attach.h - the client's end of a container's stdio: through the monitor's socket to this terminal or pipe.
 */
#ifndef MC_ENGINE_ATTACH_H
#define MC_ENGINE_ATTACH_H

#include "engine/container.h"

struct attach_options {
	bool no_stdin;
	bool no_stdout, no_stderr;
	bool primary;            /* the command that started it: the program waits when it reads slowly */
	bool sig_proxy;          /* signals to this process go to the container's (not with a terminal) */
	const char *detach_keys; /* NULL: ctrl-p,ctrl-q; borrowed */
	uint64_t output_max; /* bytes of output that are passed on; the rest is read and dropped. 0: all */
};

/* `minictr attach`: until the container ends (*ret_exit is its exit code) or the keys are typed (0). */
int container_attach(struct engine *e, const char *name, const struct attach_options *o, int *ret_exit,
	struct mc_err *err);

/* In two steps, for start and the daemon: connect before the program runs, then carry. */
int attach_connect(struct engine *e, const char *id, const struct attach_options *o, struct mc_err *err);
/* Pumps between sock (taken over) and this process's stdio until the end. Returns 1 after detaching, 0 at
 * the end with *ret_exit filled, -errno when the monitor died. */
int attach_carry(struct engine *e, const struct container *c, int sock, const struct attach_options *o,
	int *ret_exit, struct mc_err *err);

/* Changes the size of the container's terminal. */
int container_resize(struct engine *e, const char *name, unsigned rows, unsigned cols, struct mc_err *err);

#endif
