/*
 * job_connection.c - a job takes over the client's connection (see job.h).
 *
 * Order and why: the head is sent first; the daemon then answers 101 and hands us the socket. All that could
 * be refused has been refused before, because after 101 there is no way to say so.
 */
#include "daemon/job.h"

#include <unistd.h>

#include "base/file.h"
#include "daemon/job_message.h"
#include "engine/container.h"

const char *job_stream_type(const struct request *q, bool tty)
{
	return tty || request_api(q) < 42 ? "application/vnd.docker.raw-stream"
					  : "application/vnd.docker.multiplexed-stream";
}

static int read_early(size_t n, struct buf *ret, struct mc_err *err)
{
	char text[4096];
	while (n) {
		ssize_t got = read(JOB_REPLY, text, n < sizeof(text) ? n : sizeof(text));
		if (got <= 0)
			return err_set(err, EPIPE, "the daemon is gone");
		buf_add(ret, text, (size_t)got);
		n -= (size_t)got;
	}
	return 0;
}

int job_take_connection(
	const struct request *q, struct reply *r, const char *type, struct buf *ret_early, struct mc_err *err)
{
	struct job_message m;
	int client = -1;
	if (!container_flag(q->doc, "upgrade")) {
		int rc = reply_begin(r, 200, type, err);
		return rc < 0 ? rc : JOB_REPLY;
	}
	int rc = reply_begin(r, 101, type, err);
	if (rc >= 0)
		rc = job_message_receive(JOB_REPLY, &m, &client, err);
	if (rc >= 0 && (m.kind != MESSAGE_CLIENT || client < 0))
		rc = err_set(err, EPIPE, "the client is gone");
	if (rc >= 0)
		rc = read_early(m.count, ret_early, err);
	if (rc < 0) {
		close_fd(client);
		return rc;
	}
	return client;
}

void job_note_exit(int code)
{
	char text[40];
	struct mc_err ignored = { 0 };
	snprintf(text, sizeof(text), "{\"exit\": %d}\n", code);
	file_write_all(JOB_REPLY, text, strlen(text), &ignored);
}
