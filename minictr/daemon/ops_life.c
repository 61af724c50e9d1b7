/*
 * ops_life.c - start, stop, restart, kill, pause: what changes whether a container runs.
 */
#include "daemon/ops_job.h"

#include "base/file.h"
#include "daemon/job.h"
#include "daemon/job_message.h"
#include "engine/attach.h"
#include "engine/run.h"
#include "engine/start.h"
#include "engine/stop.h"

/* --- start --- */

struct gates {
	int sock[64];
	uint32_t flags[64];
	size_t n;
};

/* The sockets of jobs that wait to attach; the daemon sends as many as the request says. */
static int receive_gates(const struct request *q, struct gates *g, struct mc_err *err)
{
	int64_t n = json_int_of(json_member(q->doc, "gates"));
	for (int64_t i = 0; i < n; i++) {
		struct job_message m;
		int fd = -1;
		int rc = job_message_receive(JOB_REPLY, &m, &fd, err);
		if (rc < 0)
			return rc;
		if (fd < 0 || g->n == ARRAY_LEN(g->sock)) {
			close_fd(fd);
			continue;
		}
		g->flags[g->n] = m.count;
		g->sock[g->n++] = fd;
	}
	return 0;
}

/* The monitor listens, and the program does not run yet: each gate gets a connection. */
static void connect_gates(void *arg, struct engine *e, const char *id)
{
	struct gates *g = arg;
	struct job_message m = { .kind = MESSAGE_CONTAINER };
	struct mc_err ignored = { 0 };
	for (size_t i = 0; i < g->n; i++) {
		struct attach_options o = { .primary = true,
			.no_stdin = g->flags[i] & GATE_NO_STDIN,
			.no_stdout = g->flags[i] & GATE_NO_STDOUT,
			.no_stderr = g->flags[i] & GATE_NO_STDERR };
		_cleanup_close_ int sock = attach_connect(e, id, &o, &ignored);
		if (sock >= 0)
			job_message_send(g->sock[i], &m, sock, &ignored);
	}
}

int op_start(struct engine *e, const struct request *q, struct reply *r, struct mc_err *err)
{
	_cleanup_container_ struct container c = { 0 };
	struct gates g = { 0 };
	struct start_options o = { .connect = connect_gates, .connect_arg = &g };
	int code = 0;
	int rc = container_find(e, request_name(q), &c, err);
	if (rc >= 0 && request_flag(q, "checkpoint", false))
		rc = err_set(err, EINVAL, "minictr has no checkpoints: a container starts from its files");
	/* Until API 1.23 settings came with the start. Ignored, they would be limits that do not hold. */
	if (rc >= 0 && json_len(request_body(q)))
		rc = err_set(err, EINVAL, "start takes no settings: they belong to create, or to update");
	if (rc >= 0)
		rc = receive_gates(q, &g, err);
	if (rc < 0)
		return rc;
	if (c.status == CONTAINER_RUNNING) {
		reply_empty(r, 304);
		return 0;
	}
	rc = container_start(e, c.id, &o, &code, err);
	if (rc < 0) {
		struct mc_err ignored = { 0 };
		/* The answer first: requests that wait for the removal report the exit code in it. */
		reply_failure(r, err);
		/* --rm: it did not start, so no end of it will remove it. */
		if (container_flag(c.host, "AutoRemove"))
			container_remove(e, c.id, REMOVE_FORCE | REMOVE_VOLUMES, &ignored);
		return rc;
	}
	reply_empty(r, 204);
	return 0;
}

/* --- stop, restart, kill --- */

/* "t", in seconds: absent means the container's own, below zero means without end. */
static int grace(const struct request *q, int *ret, struct mc_err *err)
{
	int64_t t;
	int rc = request_number(q, "t", STOP_DEFAULT, &t, err);
	*ret = t > INT32_MAX ? INT32_MAX : t < 0 && t != STOP_DEFAULT ? -1 : (int)t;
	return rc;
}

int op_stop(struct engine *e, const struct request *q, struct reply *r, struct mc_err *err)
{
	_cleanup_container_ struct container c = { 0 };
	int seconds;
	int rc = grace(q, &seconds, err);
	if (rc >= 0)
		rc = container_find(e, request_name(q), &c, err);
	if (rc < 0)
		return rc;
	bool active = container_is_active(&c);
	rc = container_stop(e, c.id, request_query(q, "signal"), seconds, err);
	if (rc < 0)
		return rc;
	reply_empty(r, active ? 204 : 304);
	return 0;
}

int op_restart(struct engine *e, const struct request *q, struct reply *r, struct mc_err *err)
{
	int seconds;
	int rc = grace(q, &seconds, err);
	if (rc >= 0)
		rc = container_restart(e, request_name(q), request_query(q, "signal"), seconds, err);
	if (rc < 0)
		return rc;
	reply_empty(r, 204);
	return 0;
}

static int empty_after(int rc, struct reply *r)
{
	if (rc >= 0)
		reply_empty(r, 204);
	return rc;
}

int op_kill(struct engine *e, const struct request *q, struct reply *r, struct mc_err *err)
{
	const char *signal = request_query(q, "signal");
	return empty_after(container_kill(e, request_name(q), signal && *signal ? signal : NULL, err), r);
}

int op_pause(struct engine *e, const struct request *q, struct reply *r, struct mc_err *err)
{
	return empty_after(container_pause(e, request_name(q), err), r);
}

int op_unpause(struct engine *e, const struct request *q, struct reply *r, struct mc_err *err)
{
	return empty_after(container_unpause(e, request_name(q), err), r);
}
