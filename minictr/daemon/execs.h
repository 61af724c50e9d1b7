/*
 * execs.h - execs: created by one request, started by another, asked about by a third.
 *
 * They live in memory and die with the daemon, as docker's do. An exec that has ended is kept for a while,
 * because clients ask for its exit code afterwards.
 */
#ifndef MC_DAEMON_EXECS_H
#define MC_DAEMON_EXECS_H

#include "daemon/api_jobs.h"

struct exec {
	struct exec *next;
	char id[CONTAINER_ID_LEN + 1];
	char container[CONTAINER_ID_LEN + 1];
	struct json *config; /* the body of exec create; owned */
	bool started, running;
	int exit_code;
	bool has_exit;
	uint64_t ended; /* CLOCK_MONOTONIC ns; 0: not yet */
	struct job *job;
};

/* --- operations (ops_daemon.c names them) --- */
int exec_create(struct call *c, struct mc_err *err);
int exec_inspect(struct call *c, struct mc_err *err);
int exec_resize(struct call *c, struct mc_err *err);

/* --- for api_jobs.c --- */
/* A job is about to start: exec.start gets the exec's configuration into its request. -ENOENT, -EALREADY. */
int execs_prepare(struct job *j, struct mc_err *err);
/* Its head has come: an exec that was refused may be started again. */
void execs_answered(struct job *j, const struct json *head);
/* The job's process has ended with this exit code, which is the exec's. */
void execs_exited(struct job *j, int code);
/* A line after the head: {"exit": 3}. */
void execs_note(struct job *j);
/* The job never ran. */
void execs_dropped(struct job *j);

#endif
