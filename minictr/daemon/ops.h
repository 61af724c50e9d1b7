/*
 * ops.h - operations: what the rows of routes.c name. Each executable has a table of those it can do.
 *
 * An operation reads the request and fills the reply. It returns 0, or -errno with *err filled; then the
 * caller answers with that error (or ends the stream with it, when it has begun).
 */
#ifndef MC_DAEMON_OPS_H
#define MC_DAEMON_OPS_H

#include "daemon/reply.h"
#include "daemon/request.h"
#include "engine/engine.h"

typedef int op_function(struct engine *e, const struct request *q, struct reply *r, struct mc_err *err);

struct op {
	const char *name;
	op_function *run;
};

/* main() of minictrd-job and minictrd-job-image (job.c): reads the request, runs the operation, exits. */
int job_run(int argc, char **argv, const struct op *table, size_t n);

enum {
	/* Descriptors of a job. Standard input is the body of a BODY_STREAM route, else /dev/null. */
	JOB_REPLY = 1,
	JOB_REQUEST = 3,
};

#endif
