/*
 * waits.h - POST /containers/{id}/wait: answers that come when a container ends or goes.
 *
 * They follow the engine's events (follow.h), so they hear of every end, however it came about, without
 * asking. The header of the answer is sent at once: clients start the container only when they have it.
 */
#ifndef MC_DAEMON_WAITS_H
#define MC_DAEMON_WAITS_H

#include "daemon/daemon.h"

/* The operation. Events that are written already have been read before (ops_daemon.c). */
int container_wait_begin(struct call *c, struct mc_err *err);
/* Bytes of its answer: 0 while there are none. */
ssize_t wait_read(struct call *c, char *out, size_t max);
void wait_forget(struct call *c);
/* An event of a container: "die" with its exit code, "destroy". */
void waits_event(struct daemon *d, const char *id, const char *action, int exit_code);
/* A start that failed: with --rm the container goes at once, and this was its end. */
void waits_start_failed(struct daemon *d, const char *id, int exit_code);
/* An end that left no event (a killed monitor, a full disk): asked of the records, from time to time. */
void waits_check(struct daemon *d);

#endif
