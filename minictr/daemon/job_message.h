/*
 * job_message.h - what the daemon (or another job) tells a job while it runs, over the job's reply socket.
 */
#ifndef MC_DAEMON_JOB_MESSAGE_H
#define MC_DAEMON_JOB_MESSAGE_H

#include <stdint.h>

#include "base/err.h"

enum job_message_kind {
	/* With a descriptor: the client's connection, raw. count bytes that the client has sent follow. */
	MESSAGE_CLIENT = 1,
	/* To the job that starts a container. With a descriptor: the socket of a job that waits to attach. */
	MESSAGE_GATE,
	/* To a job that waits to attach, from the one that starts. With a descriptor: the monitor's socket. */
	MESSAGE_CONTAINER,
	/* The container was started by another program: connect to it now. */
	MESSAGE_STARTED,
	/* The terminal's new size: rows, columns. */
	MESSAGE_WINDOW,
};

/* What a gate is for (count of MESSAGE_GATE, "gate" of the head of the job that waits). */
enum gate_flags { GATE_NO_STDIN = 1, GATE_NO_STDOUT = 2, GATE_NO_STDERR = 4 };

struct job_message {
	uint32_t kind, count, rows, columns;
};

/* fd -1: none goes along. */
int job_message_send(int sock, const struct job_message *m, int fd, struct mc_err *err);
/* Waits. *ret_fd is -1 when none came. -EPIPE when the other side is gone. */
int job_message_receive(int sock, struct job_message *ret, int *ret_fd, struct mc_err *err);

#endif
