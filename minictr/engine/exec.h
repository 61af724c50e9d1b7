/*
 * exec.h - one more process in a running container: `minictr-oci exec --process`, with our own stdio or a
 * terminal.
 */
#ifndef MC_ENGINE_EXEC_H
#define MC_ENGINE_EXEC_H

#include "engine/container.h"

struct exec_options {
	char *const *command;    /* borrowed, as all pointers here */
	char *const *env;        /* "NAME=value" or "NAME" */
	const char *user;        /* NULL: the container's own */
	const char *workdir;     /* NULL: the container's own */
	const char *detach_keys; /* NULL: ctrl-p,ctrl-q */
	bool tty, interactive, detach, privileged;
};

/* *ret_exit is the program's exit code, 126 or 127 when it could not be executed or was not found (then with
 * *err filled and -errno returned); 0 at once with o->detach. */
int container_exec(
	struct engine *e, const char *name, const struct exec_options *o, int *ret_exit, struct mc_err *err);

#endif
