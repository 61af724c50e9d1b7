/*
 * api_jobs.c - jobs as the daemon sees them: started, listened to, relayed, ended.
 *
 * Kernel objects and man pages: posix_spawn(3), memfd_create(2), unix(7), epoll(7), waitpid(2).
 * A job's socket carries its answer one way (reply.h) and messages the other way (job_message.h). We read
 * from it only when the client takes more: a slow client holds up its own job, and no bytes pile up here.
 */
#include "daemon/api_jobs.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/spawn.h"
#include "base/sys.h"
#include "daemon/execs.h"
#include "daemon/gates.h"
#include "daemon/job_message.h"
#include "daemon/ops.h"

/* Bytes of a job's head, and of the notes of one that has taken over a connection. */
enum { HEAD_MAX = 1 << 20 };

/* --- the end of a job --- */

static void job_free(struct job *j)
{
	struct job **at = &j->daemon->jobs;
	while (*at && *at != j)
		at = &(*at)->next;
	if (*at)
		*at = j->next;
	execs_dropped(j);
	buf_release(&j->text);
	free(j);
}

/* The process may live longer than its socket, and the socket's bytes longer than the process. */
static void job_done(struct job *j)
{
	if (j->pid <= 0 && j->sock < 0 && !j->call && !j->raw)
		job_free(j);
}

static void close_input(struct job *j)
{
	loop_drop(&j->daemon->loop, &j->to);
	j->in = close_fd(j->in);
}

static void close_sock(struct job *j)
{
	loop_drop(&j->daemon->loop, &j->from);
	j->sock = close_fd(j->sock);
}

/* --- its answer --- */

static void refuse(struct job *j, const char *why)
{
	struct reply *r = &j->call->reply;
	json_free(take_ptr(&r->head));
	reply_error(r, 500, "%s", why);
	j->call->job = NULL;
	struct call *c = j->call;
	j->call = NULL;
	call_resume(c);
}

/* The head is complete: what it says decides how the answer goes on. */
static void head_came(struct job *j, size_t len)
{
	struct json *head = NULL;
	struct mc_err err = { 0 };
	j->has_head = true;
	int rc = json_parse(j->text.data, len, "head", &head, &err);
	buf_trim_front(&j->text, len + 1);
	loop_drop(&j->daemon->loop, &j->from);
	if (!j->call) {
		json_free(head);
		return;
	}
	if (rc < 0) {
		refuse(j, "the job's answer is damaged");
		return;
	}
	gates_answered(j, head);
	execs_answered(j, head);
	json_free(j->call->reply.head);
	j->call->reply.head = head;
	j->call->reply.begun = true;
	call_resume(j->call);
}

/* What a job says to the daemon itself: its head, or notes after it has taken over a connection. */
static void read_text(struct job *j)
{
	char text[16384];
	ssize_t n = recv(j->sock, text, sizeof(text), MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0 || j->text.len > HEAD_MAX) {
		close_sock(j);
		if (j->raw)
			gates_hijack_ended(j);
		else if (j->call)
			refuse(j, "the job ended before it had an answer; the daemon's log has more");
		return;
	}
	/* The client has gone, and the job goes on: its answer has no reader. */
	if (!j->call && !j->raw)
		return;
	buf_add(&j->text, text, (size_t)n);
	char *newline = memchr(j->text.data, '\n', j->text.len);
	if (newline && !j->has_head)
		head_came(j, (size_t)(newline - j->text.data));
	else if (newline && j->raw)
		execs_note(j);
}

static void on_job(struct source *s, uint32_t events)
{
	struct job *j = s->owner;
	if (!j->has_head || j->raw || !j->call) {
		read_text(j);
		job_done(j);
		return;
	}
	/* The client waits for more: job_read() is next. */
	loop_drop(&j->daemon->loop, s);
	call_resume(j->call);
}

static void listen_to(struct job *j)
{
	struct mc_err ignored = { 0 };
	if (j->sock >= 0)
		loop_watch(&j->daemon->loop, &j->from, j->sock, EPOLLIN, &ignored);
}

ssize_t job_read(struct job *j, char *out, size_t max)
{
	if (j->text.len) {
		size_t n = j->text.len < max ? j->text.len : max;
		memcpy(out, j->text.data, n);
		buf_trim_front(&j->text, n);
		return (ssize_t)n;
	}
	if (j->sock < 0)
		return 0;
	ssize_t n = recv(j->sock, out, max, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
		listen_to(j);
		return 0;
	}
	if (n <= 0) {
		close_sock(j);
		return 0;
	}
	return n;
}

/* An exec is over when its exit code is known, too: a client asks for it once it has read to the end. */
bool job_has_ended(const struct job *j) { return j->sock < 0 && !j->text.len && !(j->exec && j->pid > 0); }

void job_forget_call(struct job *j)
{
	struct call *c = j->call;
	j->call = NULL;
	if (c)
		c->job = NULL;
	if (j->raw || (c && c->status == 101)) {
		/* The library closes the connection: the job has let go of it. */
		j->raw = NULL;
		close_sock(j);
	} else if (j->route->flags & ENDS_WITH_CLIENT) {
		close_sock(j);
		if (j->pid > 0)
			kill(j->pid, SIGTERM);
	} else {
		listen_to(j);
	}
	/* After the signal: half a body with a proper end might be taken for the whole of it. */
	close_input(j);
	job_done(j);
}

/* --- its input --- */

static void on_input(struct source *s, uint32_t events)
{
	struct job *j = s->owner;
	loop_drop(&j->daemon->loop, s);
	if (j->call)
		call_resume(j->call);
}

size_t job_write(struct job *j, const char *data, size_t n)
{
	size_t done = 0;
	struct mc_err ignored = { 0 };
	while (j->in >= 0 && done < n) {
		ssize_t w = write(j->in, data + done, n - done);
		if (w > 0) {
			done += (size_t)w;
		} else if (errno == EAGAIN) {
			loop_watch(&j->daemon->loop, &j->to, j->in, EPOLLOUT, &ignored);
			return done;
		} else if (errno != EINTR) {
			close_input(j);
		}
	}
	/* The job reads no more of it; the client may send the rest. */
	return n;
}

void job_end_body(struct job *j) { close_input(j); }

/* --- its start --- */

/* in: the job's end of its input; -1 for /dev/null. */
static int spawn_job(struct job *j, int sock, int in, struct mc_err *err)
{
	struct daemon *d = j->daemon;
	char *argv[] = { d->job_programs[j->route->how == BY_IMAGE_JOB], "--root", d->engine.root, NULL };
	_cleanup_free_ char *text = json_dump(j->call->doc, false);
	_cleanup_close_ int request = file_of_bytes(text, strlen(text), err);
	if (request < 0)
		return request;
	setenv("MINICTR_REQUEST", j->id, 1);
	struct spawn s = { .argv = argv,
		.in = in < 0 ? SPAWN_NULL : in,
		.out = sock,
		.err = SPAWN_INHERIT,
		.pass_from = request,
		.pass_to = JOB_REQUEST,
		.new_session = true };
	j->pid = spawn_start(&s, err);
	return j->pid < 0 ? j->pid : 0;
}

static int open_job(struct job *j, struct mc_err *err)
{
	int pair[2], pipe[2] = { -1, -1 };
	int rc = sys_socketpair(SOCK_STREAM, pair, err);
	if (rc >= 0 && (j->route->flags & BODY_STREAM))
		rc = sys_pipe(pipe, err);
	if (rc >= 0)
		rc = spawn_job(j, pair[1], pipe[0], err);
	if (rc < 0)
		return rc;
	close_fd(pair[1]);
	close_fd(pipe[0]);
	j->sock = pair[0];
	j->in = pipe[1];
	fcntl(j->in, F_SETFL, O_NONBLOCK);
	return 0;
}

void job_start(struct call *c)
{
	struct daemon *d = c->daemon;
	struct mc_err err = { 0 };
	struct job *j = xcalloc(1, sizeof(*j));
	*j = (struct job){ .next = d->jobs, .daemon = d, .call = c, .route = c->route, .sock = -1, .in = -1 };
	j->from = (struct source){ .fd = -1, .ready = on_job, .owner = j };
	j->to = (struct source){ .fd = -1, .ready = on_input, .owner = j };
	snprintf(j->id, sizeof(j->id), "%s", c->id);
	d->jobs = j;
	int rc = execs_prepare(j, &err);
	if (rc >= 0)
		gates_prepare(j);
	if (rc >= 0)
		rc = open_job(j, &err);
	if (rc < 0) {
		reply_failure(&c->reply, &err);
		j->pid = 0;
		j->call = NULL;
		execs_dropped(j);
		job_done(j);
		return;
	}
	c->job = j;
	gates_hand_over(j);
	listen_to(j);
}

/* --- hijack --- */

void job_upgraded(void *ctx, struct MHD_Connection *connection, void *con_cls, const char *extra,
	size_t n_extra, MHD_socket sock, struct MHD_UpgradeResponseHandle *raw)
{
	struct call *c = ctx;
	struct job *j = c->job;
	struct job_message m = { .kind = MESSAGE_CLIENT, .count = (uint32_t)n_extra };
	struct mc_err err = { 0 };
	/* The library has made it non-blocking; the job works with it as with any other stream. */
	fcntl(sock, F_SETFL, fcntl(sock, F_GETFL) & ~O_NONBLOCK);
	int rc = j ? job_message_send(j->sock, &m, sock, &err) : -EPIPE;
	if (rc >= 0 && n_extra)
		rc = file_write_all(j->sock, extra, n_extra, &err);
	if (rc < 0) {
		MHD_upgrade_action(raw, MHD_UPGRADE_ACTION_CLOSE);
		return;
	}
	j->raw = raw;
	listen_to(j);
}

/* --- their end --- */

static void job_exited(struct job *j, int status)
{
	j->pid = 0;
	if (WIFSIGNALED(status) && WTERMSIG(status) != SIGTERM)
		daemon_log(j->daemon, "request %s: the job %s was killed by signal %d", j->id, j->route->op,
			WTERMSIG(status));
	execs_exited(j, WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
	if (j->call && j->sock < 0)
		call_resume(j->call);
	job_done(j);
}

void jobs_reap(struct daemon *d)
{
	int status;
	pid_t pid;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		struct job *j = d->jobs;
		while (j && j->pid != pid)
			j = j->next;
		if (j)
			job_exited(j, status);
	}
}
