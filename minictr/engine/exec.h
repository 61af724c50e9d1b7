/*
 * exec.h - one more process in a running container: `minictr-oci exec --process`, with our own stdio or a
 * terminal.
 */
#ifndef MC_ENGINE_EXEC_H
#define MC_ENGINE_EXEC_H

#include <sys/ioctl.h>
#include "engine/container.h"

struct exec_options {
	/* 64 hex digits, "exec_create" is in the log; NULL: both are made here. */
	const char *id;
	char *const *command;    /* borrowed, as all pointers here */
	char *const *env;        /* "NAME=value" or "NAME" */
	const char *user;        /* NULL: the container's own */
	const char *workdir;     /* NULL: the container's own */
	const char *detach_keys; /* NULL: ctrl-p,ctrl-q */
	bool tty, interactive, detach, privileged;
	/*
	 * Gets what the program writes (stream 1 or 2; with a terminal 1 only). NULL: our own standard
	 * streams. A failure closes the program's pipe.
	 */
	int (*output)(int stream, const void *data, size_t len);
	/* Input that has come before what is read from standard input; borrowed. */
	const char *early;
	size_t n_early;
	/* A new size of the terminal, from elsewhere than our own one: readable when there is one. 0: none. */
	int window;
	/* Reads it. False: the other side is gone, and no more will come. */
	bool (*read_window)(int window, struct winsize *ret);
};

/* *ret_exit is the program's exit code, 126 or 127 when it could not be executed or was not found (then with
 * *err filled and -errno returned); 0 at once with o->detach. */
int container_exec(
	struct engine *e, const char *name, const struct exec_options *o, int *ret_exit, struct mc_err *err);

#endif
