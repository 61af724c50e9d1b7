/*
 * init.h - the container's first process: from clone3 to the exec of the program.
 */
#ifndef MC_RUNTIME_INIT_H
#define MC_RUNTIME_INIT_H

#include "runtime/config.h"

/* What the parent hands over; descriptors are the child's own copies. */
struct init {
	const struct config *config;
	const struct cgroup *cgroup; /* NULL: already in it (CLONE_INTO_CGROUP) or none */
	int sync;                    /* socket to the parent: "mapped" comes, an error or "created" goes */
	int start;                   /* listening socket of `start`; -1: run at once */
	int root;                    /* detached root mount; -1: root.path */
	int *sources;      /* one detached mount per config mount, -1 where the child opens it itself */
	int console;       /* socket for the terminal's master; -1: none */
	int preserve;      /* --preserve-fds: 3 .. 3+n-1 stay open for the program */
	bool reap;         /* --init: stay as process 1, run the program as a child */
	bool no_pivot;     /* --no-pivot: chroot instead (initramfs) */
	const char *state; /* OCI state JSON for hooks in the container */
};

/* Runs as the child of namespace_spawn(); data is a struct init. Returns only on failure: the exit status. */
int init_main(void *data);
/* Lab 02.6: process 1's duty. Returns the exit code of main_child. */
int init_reap(pid_t main_child, struct mc_err *err);

#endif
