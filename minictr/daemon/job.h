/*
 * job.h - what operations in a job may use beside request and reply.
 */
#ifndef MC_DAEMON_JOB_H
#define MC_DAEMON_JOB_H

#include "daemon/ops.h"

/* What was warned of so far, as a list of texts; the caller frees it (or gives it to json_set()). */
struct json *job_warnings(void);
/* {"a": "b"} -> "a=b", as flags have it. Caller strv_free()s. */
char **job_pairs(const struct json *map);
/*
 * Answers 101 and takes over the client's connection; returns its descriptor. Or, when the client has asked
 * for no upgrade, answers 200 and returns JOB_REPLY itself: bytes then go one way only. type: Content-Type.
 * *ret_early gets what the client has sent already.
 */
int job_take_connection(const struct request *q, struct reply *r, const char *type, struct buf *ret_early,
	struct mc_err *err);
/* A note to the daemon after the connection was taken over: {"exit": code}. */
void job_note_exit(int code);
/* "application/vnd.docker.raw-stream" for terminals and before API 1.42, else the multiplexed one. */
const char *job_stream_type(const struct request *q, bool tty);

#endif
