/*
 * execs.c - see execs.h.
 */
#include "daemon/execs.h"

#include <fcntl.h>
#include <stdlib.h>
#include <time.h>

#include "base/file.h"
#include "daemon/job_message.h"
#include "engine/client_terminal.h"
#include "engine/events.h"

enum {
	/* Execs that have ended and are still known. */
	ENDED_MAX = 256,
	ENDED_SECONDS = 600,
};

static struct exec *find(struct daemon *d, const char *id)
{
	for (struct exec *x = d->execs; x; x = x->next)
		if (str_eq(x->id, id))
			return x;
	return NULL;
}

static int no_such(const char *id, struct mc_err *err)
{
	return err_set(err, ENOENT, "No such exec instance: %s", id);
}

/* Those that ended long ago, and the oldest of too many. */
static void sweep(struct daemon *d)
{
	uint64_t now = now_ns(CLOCK_MONOTONIC);
	size_t ended = 0;
	for (struct exec **at = &d->execs; *at;) {
		struct exec *x = *at;
		bool old = x->ended && now - x->ended > ENDED_SECONDS * 1000000000ULL;
		if (!x->job && (old || ++ended > ENDED_MAX)) {
			*at = x->next;
			json_free(x->config);
			free(x);
			continue;
		}
		at = &x->next;
	}
}

int exec_create(struct call *c, struct mc_err *err)
{
	_cleanup_container_ struct container k = { 0 };
	const struct json *body = request_body(&c->request);
	int rc = container_find(&c->daemon->engine, c->params.name, &k, err);
	if (rc < 0)
		return rc;
	if (k.status == CONTAINER_PAUSED)
		return err_set(
			err, EBUSY, "Container %s is paused, unpause the container before exec", k.name);
	if (k.status != CONTAINER_RUNNING)
		return err_set(err, ESRCH, "Container %s is not running", k.id);
	if (!json_len(json_member(body, "Cmd")))
		return err_set(err, EINVAL, "No exec command specified");
	const char *keys = json_text_of(json_member(body, "DetachKeys"));
	struct detach_keys ignored;
	if (keys && *keys && detach_parse(&ignored, keys, err) < 0)
		return -EINVAL;
	sweep(c->daemon);
	struct exec *x = xcalloc(1, sizeof(*x));
	random_hex(x->id, CONTAINER_ID_LEN / 2);
	snprintf(x->container, sizeof(x->container), "%s", k.id);
	x->config = json_copy(body);
	x->next = c->daemon->execs;
	c->daemon->execs = x;
	_cleanup_strv_ char **command = NULL;
	if (json_get_strv(body, &command, err, "Cmd") >= 0)
		event_exec(&c->daemon->engine, &k, "exec_create", x->id, command);
	_cleanup_json_ struct json *doc = json_new_object();
	json_set_string(doc, "Id", x->id);
	reply_json(&c->reply, 201, doc);
	return 0;
}

static bool wants(const struct exec *x, const char *key) { return container_flag(x->config, key); }

/* proc_pid_task_children(5): the first one; 0 without any. */
static int first_child(int pid)
{
	char path[64];
	struct mc_err ignored = { 0 };
	_cleanup_buf_ struct buf b = { 0 };
	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", pid, pid);
	if (file_read(AT_FDCWD, path, 4096, &b, &ignored) < 0 || !b.len)
		return 0;
	return atoi(b.data);
}

static bool is_runtime(int pid)
{
	char path[40];
	struct mc_err ignored = { 0 };
	_cleanup_buf_ struct buf b = { 0 };
	snprintf(path, sizeof(path), "/proc/%d/comm", pid);
	return file_read(AT_FDCWD, path, 64, &b, &ignored) >= 0 && b.len && str_starts(b.data, "minictr-oci");
}

/*
 * The host's number of the program: a child of the runtime, which is a child of the job; or the job's own,
 * when it runs detached. Asked for at this moment: numbers that are kept become another process's.
 */
static int program_pid(const struct exec *x)
{
	int pid = x->running && x->job && x->job->pid > 0 ? first_child(x->job->pid) : 0;
	return pid && is_runtime(pid) ? first_child(pid) : pid;
}

int exec_inspect(struct call *c, struct mc_err *err)
{
	const struct exec *x = find(c->daemon, c->params.name);
	if (!x)
		return no_such(c->params.name, err);
	_cleanup_json_ struct json *o = json_new_object();
	const struct json *cmd = json_member(x->config, "Cmd");
	const char *keys = json_text_of(json_member(x->config, "DetachKeys"));
	const char *user = json_text_of(json_member(x->config, "User"));
	json_set_string(o, "ID", x->id);
	json_set_bool(o, "Running", x->running);
	json_set(o, "ExitCode", x->has_exit ? json_new_i64(x->exit_code) : NULL);
	struct json *p = json_sub(o, "ProcessConfig"), *args = json_set(p, "arguments", json_new_array());
	json_set_bool(p, "tty", wants(x, "Tty"));
	json_set_string(p, "entrypoint", json_text_of(json_item(cmd, 0)));
	for (size_t i = 1; i < json_len(cmd); i++)
		json_add(args, json_copy(json_item(cmd, i)));
	json_set_bool(p, "privileged", wants(x, "Privileged"));
	json_set_string(p, "user", user && *user ? user : NULL);
	json_set_bool(o, "OpenStdin", wants(x, "AttachStdin"));
	json_set_bool(o, "OpenStderr", wants(x, "AttachStderr"));
	json_set_bool(o, "OpenStdout", wants(x, "AttachStdout"));
	json_set_bool(o, "CanRemove", x->ended != 0);
	json_set_string(o, "ContainerID", x->container);
	json_set_string(o, "DetachKeys", keys ? keys : "");
	json_set_i64(o, "Pid", program_pid(x));
	reply_json(&c->reply, 200, o);
	return 0;
}

int exec_resize(struct call *c, struct mc_err *err)
{
	struct exec *x = find(c->daemon, c->params.name);
	int64_t rows, columns;
	int rc = request_window(&c->request, &rows, &columns, err);
	if (rc < 0)
		return rc;
	if (!x)
		return no_such(c->params.name, err);
	if (rows < 1 || columns < 1)
		return err_set(err, EINVAL, "a terminal has 1 to 65535 rows (h) and columns (w)");
	if (!x->running || !x->job || x->job->sock < 0)
		return err_set(err, ESRCH, "exec %.12s is not running", x->id);
	struct job_message m = {
		.kind = MESSAGE_WINDOW, .rows = (uint32_t)rows, .columns = (uint32_t)columns
	};
	rc = job_message_send(x->job->sock, &m, -1, err);
	if (rc < 0)
		return rc;
	reply_empty(&c->reply, 200);
	return 0;
}

/* --- for api_jobs.c --- */

int execs_prepare(struct job *j, struct mc_err *err)
{
	if (!str_eq(j->route->op, "exec.start"))
		return 0;
	struct exec *x = find(j->daemon, j->call->params.name);
	if (!x)
		return no_such(j->call->params.name, err);
	if (x->started)
		return err_set(err, EBUSY, "exec %.12s was started already; create a new one", x->id);
	json_set_string(json_set(j->call->doc, "exec", json_copy(x->config)), "ID", x->id);
	json_set_string(j->call->doc, "name", x->container);
	x->started = x->running = true;
	x->job = j;
	j->exec = x;
	return 0;
}

static void exec_ended(struct exec *x)
{
	x->running = false;
	x->job = NULL;
	x->ended = now_ns(CLOCK_MONOTONIC);
}

void execs_answered(struct job *j, const struct json *head)
{
	if (!j->exec || json_int_of(json_member(head, "status")) < 400)
		return;
	int code = (int)json_int_of(json_member(head, "exit"));
	j->exec->exit_code = code;
	j->exec->has_exit = code > 0;
	exec_ended(j->exec);
	j->exec = NULL;
}

void execs_note(struct job *j)
{
	char *newline;
	while (j->text.len && (newline = memchr(j->text.data, '\n', j->text.len))) {
		_cleanup_json_ struct json *note = NULL;
		struct mc_err ignored = { 0 };
		size_t len = (size_t)(newline - j->text.data);
		int rc = json_parse(j->text.data, len, "note", &note, &ignored);
		buf_trim_front(&j->text, len + 1);
		if (rc < 0 || !j->exec)
			continue;
		if (!json_member(note, "exit"))
			continue;
		j->exec->exit_code = (int)json_int_of(json_member(note, "exit"));
		j->exec->has_exit = true;
		exec_ended(j->exec);
		j->exec = NULL;
	}
}

void execs_exited(struct job *j, int code)
{
	if (!j->exec)
		return;
	j->exec->exit_code = code;
	j->exec->has_exit = true;
	exec_ended(j->exec);
	j->exec = NULL;
}

void execs_dropped(struct job *j)
{
	if (!j->exec)
		return;
	exec_ended(j->exec);
	j->exec = NULL;
}
