/*
 * api_jobs.h - child processes that do the work of a request, and the relay of what they answer.
 */
#ifndef MC_DAEMON_API_JOBS_H
#define MC_DAEMON_API_JOBS_H

#include "daemon/daemon.h"

struct job {
	struct job *next;
	struct daemon *daemon;
	struct call *call; /* NULL when the client has gone */
	pid_t pid;
	const struct route *route;
	char id[17];
	int sock; /* our end of its JOB_REPLY; -1 after its end */
	int in;   /* its standard input; -1 */
	struct source from, to;
	struct buf text; /* before the head is complete: what has come of it; then the body's first bytes */
	bool has_head;
	char container[CONTAINER_ID_LEN + 1]; /* attach: of a container that does not run yet; start: which */
	uint32_t gate;                        /* enum gate_flags, of an attach that waits */
	struct exec *exec;                    /* the exec it runs; NULL */
	struct MHD_UpgradeResponseHandle *raw; /* the connection it has taken over; NULL */
};

/* Starts the job of c->route; on failure c->reply says why. */
void job_start(struct call *c);
/* Bytes of a streamed body; returns how many were taken. Fewer than n: offer the rest after a resume. */
size_t job_write(struct job *j, const char *data, size_t n);
void job_end_body(struct job *j);
/* Bytes of its answer: 0 when there are none now. */
ssize_t job_read(struct job *j, char *out, size_t max);
bool job_has_ended(const struct job *j);
void job_forget_call(struct job *j);
/* MHD_UpgradeHandler: the client's socket goes to the job. */
void job_upgraded(void *ctx, struct MHD_Connection *connection, void *con_cls, const char *extra,
	size_t n_extra, MHD_socket sock, struct MHD_UpgradeResponseHandle *raw);
/* SIGCHLD. */
void jobs_reap(struct daemon *d);

#endif
