/*
 * init.h - the container's first process: from clone3 to the exec of the program.
 */
#ifndef MC_RUNTIME_INIT_H
#define MC_RUNTIME_INIT_H

#include "runtime/config.h"
#include "runtime/seccomp.h"

struct cgroup;

/* What the parent hands over. Descriptors are the child's own copies of the parent's. */
struct init {
	const struct config *config;
	struct cgroup *cgroup;      /* to enter by itself; NULL: already in it (CLONE_INTO_CGROUP), or none */
	struct seccomp_plan filter; /* ready; .filter NULL: none */
	bool filter_told;           /* the filter allows write(2) for sure: explain can go on behind it */
	uint64_t ignored;           /* inherit_ignored() */
	int sync;          /* socket to the parent: "go" comes, an error or "created" (error 0) goes */
	int start;         /* listening socket of `start` */
	int root;          /* detached root mount; -1: config->root_path */
	int tree;          /* mount namespace to join; -1: one of our own */
	int *sources;      /* a detached mount per config mount, -1 where init opens it itself */
	int console;       /* socket that the terminal's master is sent to; -1: no terminal */
	int preserve;      /* --preserve-fds: 3 .. 3+n-1 stay open for the program */
	bool reap;         /* --init: stay as process 1, run the program as a child */
	bool no_pivot;     /* --no-pivot: chroot instead, for an initramfs */
	const char *state; /* OCI state JSON for the hooks that run in the container */
};

/* Runs as the child of namespace_spawn(); data is a struct init. Returns only on failure: the exit status. */
int init_main(void *data);
/* Lab 02.6: process 1's duty (init_reap.c). Returns the exit code of main_child. */
int init_reap(pid_t main_child, struct mc_err *err);

#endif
