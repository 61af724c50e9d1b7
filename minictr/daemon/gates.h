/*
 * gates.h - attaching to a container that does not run yet.
 *
 * `docker run` attaches first and starts then, so that no byte of output is lost. The job that attaches waits
 * ("pending" in its head says for which container); the job that starts the container gets its socket (the
 * gate), connects to the monitor before the program runs, and hands that connection through the gate.
 */
#ifndef MC_DAEMON_GATES_H
#define MC_DAEMON_GATES_H

#include "daemon/api_jobs.h"

/* Before a job starts: a start is told how many gates it will get. */
void gates_prepare(struct job *j);
/* After it was started: it gets them. */
void gates_hand_over(struct job *j);
/* The head of a job has come: an attach that waits, or the end of a start. */
void gates_answered(struct job *j, const struct json *head);
/* The container runs now: those that wait to attach to it may do so. */
void gates_started(struct daemon *d, const char *id);
/* The job that had taken over a connection has let go of it. */
void gates_hijack_ended(struct job *j);

#endif
