/*
 * reply.h - what an operation answers: a status, headers, and JSON or a stream of bytes.
 *
 * The same functions serve both sides. In the daemon a reply is collected and then handed to the HTTP
 * library. In a job it is written to a socket whose other end is the daemon, in the manner of CGI: one line
 * of JSON (the head), then the bytes of the body until the end of file.
 *     {"status": 200, "type": "application/json", "headers": {"X-A": "b"}, "length": 17}\n ...body...
 * Without "length" the body ends with the stream.
 */
#ifndef MC_DAEMON_REPLY_H
#define MC_DAEMON_REPLY_H

#include "base/json.h"

struct reply {
	int out;             /* descriptor of the job's socket; -1: collected in head and body */
	bool begun;          /* the head is complete */
	bool ends_with_json; /* a stream of JSON: a late failure is one more document of it */
	struct json *head;   /* owned */
	struct buf body;     /* owned */
};

void reply_release(struct reply *r);
/* One more header of the answer; before all of the following. */
void reply_header(struct reply *r, const char *name, const char *value);
/* A whole answer. doc is borrowed. */
void reply_json(struct reply *r, int status, const struct json *doc);
void reply_json_text(struct reply *r, int status, const char *text);
void reply_text(struct reply *r, int status, const char *text);
void reply_empty(struct reply *r, int status);
/* {"message": "..."}, as docker's clients expect every failure. */
void reply_error(struct reply *r, int status, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* The same for an error of the engine: its code decides the status (error_status()). */
void reply_failure(struct reply *r, const struct mc_err *err);
/* 404 for ENOENT, 409 for EEXIST, EBUSY and ESRCH, 400 for EINVAL ...; 500 for what is our own trouble. */
int error_status(int code);

/* In a job only: the head now, the body later, by write(2) to r->out. */
int reply_begin(struct reply *r, int status, const char *type, struct mc_err *err);
/* One JSON document of a stream, ended by CRLF as docker has it. -EPIPE when the client is gone. */
int reply_message(struct reply *r, const struct json *doc, struct mc_err *err);
/* A failure after the stream has begun: {"error": ..., "errorDetail": {...}}. */
void reply_stream_error(struct reply *r, const struct mc_err *err);

#endif
