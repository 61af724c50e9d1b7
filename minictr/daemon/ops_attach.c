/*
 * ops_attach.c - attach and exec: operations that take over the client's connection.
 *
 * Attach to a container that does not run yet waits for its start (gates.h). Of one that has ended, attach
 * shows the log when asked, and ends.
 */
#include "daemon/ops_job.h"

#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/job.h"
#include "daemon/job_message.h"
#include "daemon/stream.h"
#include "engine/attach.h"
#include "engine/client_terminal.h"
#include "engine/events.h"
#include "engine/exec.h"
#include "engine/start.h"

/* --- attach --- */

struct attachment {
	struct engine *engine;
	const struct request *request;
	struct reply *reply;
	struct container *container;
	struct attach_options options;
	bool tty;
};

/* The connection of another job that starts the container; or our own, when that one is over. */
static int wait_for_start(struct attachment *a, struct mc_err *err)
{
	struct job_message m;
	int sock = -1;
	int rc = job_message_receive(JOB_REPLY, &m, &sock, err);
	if (rc < 0 || m.kind == MESSAGE_CONTAINER)
		return rc < 0 ? rc : sock;
	return attach_connect(a->engine, a->container->id, &a->options, err);
}

static int attach_log(struct attachment *a, int client, struct mc_err *err)
{
	return request_flag(a->request, "logs", false)
		       ? job_logs(a->engine, a->request, a->container, client, false, err)
		       : 0;
}

static int attach_stream(struct attachment *a, int client, int sock, const struct buf *early)
{
	char message[STREAM_INPUT_MAX + 32];
	if (a->tty && !a->options.no_stdin)
		stream_detach_keys(request_query(a->request, "detachKeys"));
	for (size_t done = 0; done < early->len;) {
		size_t n = early->len - done < STREAM_INPUT_MAX ? early->len - done : STREAM_INPUT_MAX;
		int len = stream_input(early->data + done, n, message);
		if (len > 0)
			send(sock, message, (size_t)len, MSG_NOSIGNAL);
		done += n;
	}
	int code = attach_pump(client, sock);
	return code < 0 ? 0 : code;
}

/* What the start job must tell the monitor for us. */
static int gate_flags(const struct attach_options *o)
{
	return (o->no_stdin ? GATE_NO_STDIN : 0) | (o->no_stdout ? GATE_NO_STDOUT : 0) |
	       (o->no_stderr ? GATE_NO_STDERR : 0);
}

static int attach_run(struct attachment *a, struct mc_err *err)
{
	struct container *c = a->container;
	bool stream = request_flag(a->request, "stream", false);
	bool waits = stream && c->status == CONTAINER_CREATED;
	_cleanup_buf_ struct buf early = { 0 };
	_cleanup_close_ int sock = -1;
	if (stream && container_is_active(c))
		sock = attach_connect(a->engine, c->id, &a->options, err);
	if (stream && container_is_active(c) && sock < 0)
		return sock;
	if (waits) {
		a->reply->head = json_new_object();
		json_set_string(a->reply->head, "pending", c->id);
		json_set_i64(a->reply->head, "gate", gate_flags(&a->options));
	}
	event_container(a->engine, c, "attach", NULL);
	int client =
		job_take_connection(a->request, a->reply, job_stream_type(a->request, a->tty), &early, err);
	int rc = client < 0 ? client : attach_log(a, client, err);
	if (rc >= 0 && waits)
		rc = sock = wait_for_start(a, err);
	int code = rc < 0 || sock < 0 ? 0 : attach_stream(a, client, sock, &early);
	/* The daemon holds the connection, too: without this a client that reads to the end waits for ever. */
	if (client >= 0)
		shutdown(client, SHUT_WR);
	return code;
}

int op_attach(struct engine *e, const struct request *q, struct reply *r, struct mc_err *err)
{
	_cleanup_container_ struct container c = { 0 };
	int rc = container_find(e, request_name(q), &c, err);
	if (rc < 0)
		return rc;
	if (c.status == CONTAINER_PAUSED)
		return err_set(
			err, EBUSY, "container %s is paused, unpause the container before attach", c.name);
	const char *keys = request_query(q, "detachKeys");
	struct detach_keys ignored;
	if (keys && *keys && detach_parse(&ignored, keys, err) < 0)
		return -EINVAL;
	struct attachment a = { .engine = e,
		.request = q,
		.reply = r,
		.container = &c,
		.tty = container_flag(c.config, "Tty"),
		.options = { .no_stdin = !request_flag(q, "stdin", false) ||
					 !container_flag(c.config, "OpenStdin"),
			.no_stdout = !request_flag(q, "stdout", false),
			.no_stderr = !request_flag(q, "stderr", false) } };
	/* The two are one stream there. */
	if (a.tty)
		a.options.no_stdout = a.options.no_stderr = a.options.no_stdout && a.options.no_stderr;
	return attach_run(&a, err);
}

/* --- exec --- */

static int exec_client = -1;
static bool exec_tty, exec_raw, exec_wants[3];

static int exec_output(int stream, const void *data, size_t len)
{
	if (!exec_wants[stream])
		return 0;
	return stream_frame(exec_client, exec_raw ? STREAM_RAW : stream, data, len);
}

static bool exec_window(int window, struct winsize *ret)
{
	struct job_message m;
	struct mc_err ignored = { 0 };
	int none = -1;
	if (job_message_receive(window, &m, &none, &ignored) < 0)
		return false;
	*ret = (struct winsize){ .ws_row = (unsigned short)m.rows, .ws_col = (unsigned short)m.columns };
	return true;
}

/* "NAME" without a value would take the daemon's own. */
static char **exec_env(const struct json *list)
{
	char **v = NULL;
	for (size_t i = 0; i < json_len(list); i++) {
		const char *one = json_text_of(json_item(list, i));
		if (one && strchr(one, '='))
			strv_push(&v, one);
	}
	return v;
}

/*
 * A detached exec has no client. Its process falls to us when the runtime has ended (prctl(2),
 * PR_SET_CHILD_SUBREAPER): so we hear its exit code, which `inspect` is asked for.
 */
static int exec_detached(struct engine *e, const struct container *c, struct exec_options *o, struct reply *r,
	struct mc_err *err)
{
	int code = 0, status;
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	o->detach = true;
	int rc = container_exec(e, c->id, o, &code, err);
	if (rc >= 0 && code)
		rc = err_exit(err, code);
	if (rc < 0)
		return rc;
	reply_empty(r, 200);
	close(JOB_REPLY);
	while (waitpid(-1, &status, 0) > 0)
		if (status)
			code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	event_exec_die(e, c, o->id, code);
	return code;
}

/* A program that could not be run is told in the stream, as docker does: the answer has begun. */
static void exec_say(const struct mc_err *err)
{
	_cleanup_free_ char *text = xasprintf("%s%s", err->what, exec_tty ? "\r\n" : "\n");
	if (err->what[0])
		stream_frame(exec_client, exec_raw ? STREAM_RAW : STREAM_STDERR, text, strlen(text));
}

static int exec_attached(struct engine *e, const struct request *q, struct exec_options *o, struct reply *r,
	struct mc_err *err)
{
	_cleanup_buf_ struct buf early = { 0 };
	int code = 0;
	exec_client = job_take_connection(q, r, job_stream_type(q, exec_raw), &early, err);
	if (exec_client < 0)
		return exec_client;
	if (exec_client == JOB_REPLY)
		o->interactive = false;
	if (o->interactive)
		dup2(exec_client, 0);
	o->output = exec_output;
	o->early = early.data;
	o->n_early = early.len;
	o->window = exec_client == JOB_REPLY ? 0 : JOB_REPLY;
	o->read_window = exec_window;
	if (container_exec(e, request_name(q), o, &code, err) < 0) {
		code = err->exit_status ? err->exit_status : 126;
		exec_say(err);
	}
	if (exec_client != JOB_REPLY) {
		job_note_exit(code);
		shutdown(exec_client, SHUT_WR);
	}
	return code;
}

int op_exec_start(struct engine *e, const struct request *q, struct reply *r, struct mc_err *err)
{
	const struct json *x = json_member(q->doc, "exec"), *body = request_body(q);
	_cleanup_container_ struct container c = { 0 };
	_cleanup_strv_ char **command = NULL, **env = exec_env(json_member(x, "Env"));
	const char *user = json_text_of(json_member(x, "User")),
		   *dir = json_text_of(json_member(x, "WorkingDir"));
	int rc = container_find(e, request_name(q), &c, err);
	if (rc >= 0)
		rc = json_get_strv(x, &command, err, "Cmd");
	if (rc < 0)
		return rc;
	if (c.status == CONTAINER_PAUSED)
		return err_set(
			err, EBUSY, "Container %s is paused, unpause the container before exec", c.name);
	if (c.status != CONTAINER_RUNNING)
		return err_set(err, ESRCH, "Container %s is not running", c.id);
	exec_tty = container_flag(x, "Tty");
	/* The program may have a terminal whose output the client still wants in frames. */
	exec_raw = container_flag(body, "Tty");
	exec_wants[1] = container_flag(x, "AttachStdout") || exec_tty;
	exec_wants[2] = container_flag(x, "AttachStderr");
	struct exec_options o = { .id = json_text_of(json_member(x, "ID")),
		.command = command,
		.env = env,
		.user = user && *user ? user : NULL,
		.workdir = dir && *dir ? dir : NULL,
		.detach_keys = json_text_of(json_member(x, "DetachKeys")),
		.tty = exec_tty,
		.interactive = container_flag(x, "AttachStdin"),
		.privileged = container_flag(x, "Privileged") };
	if (o.detach_keys && !*o.detach_keys)
		o.detach_keys = NULL;
	return container_flag(body, "Detach") ? exec_detached(e, &c, &o, r, err)
					      : exec_attached(e, q, &o, r, err);
}
