/*
 * exec_inside.h - what an exec holds on its way, and the half of it that runs inside the container.
 */
#ifndef MC_RUNTIME_EXEC_INSIDE_H
#define MC_RUNTIME_EXEC_INSIDE_H

#include "runtime/cgroup.h"
#include "runtime/config.h"
#include "runtime/exec.h"
#include "runtime/seccomp.h"
#include "runtime/state.h"

struct exec_trip {
	const struct exec *o;
	struct state state;
	struct config config;          /* of the container */
	struct json *doc;              /* of --process; NULL without */
	struct config_process process; /* what is to run */
	struct cgroup cgroup;          /* .n 0: none */
	struct seccomp_plan filter;
	struct seccomp_program filter_memory;
	uint64_t join;    /* CLONE_NEW* of the namespaces that differ from ours */
	uint64_t ignored; /* inherit_ignored() */
	int target;       /* pidfd of the container's first process */
	int sync[2];      /* ours, the child's: an error, or closed by a successful exec */
	int console;      /* where the terminal's master goes; -1 */
	int relay;        /* our end, when we hold the terminal ourselves; -1 */
	int tail_fd;      /* what the tail's part in the child needs; -1 */
	int pid_dir;      /* directory of --pid-file: its path means nothing once we have joined */
	int pidfd_sock;   /* --pidfd-socket; -1 */
	int pidfd;
	pid_t pid;
};

/*
 * Runs as the child of namespace_spawn(); data is a struct exec_trip. Returns only on failure, which it
 * wrote to sync[1].
 */
int exec_inside(void *data);

#endif
