/*
 * api_http.c - requests in, answers out.
 *
 * libmicrohttpd calls http_handle() with the head, then with pieces of the body, then once more for the
 * answer. A call that waits for a job is suspended (suspend.c). When the job has something, the connection is
 * resumed and the library calls http_handle() again.
 * A body is read to its end even when the answer is known: a client that is cut off while it sends reports
 * "connection reset" and never shows our message.
 */
#include "daemon/daemon.h"

#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/explain.h"
#include "daemon/api_jobs.h"
#include "daemon/body_kinds.h"
#include "daemon/dashboard.h"
#include "daemon/ops_daemon.h"
#include "daemon/waits.h"

enum {
	/* Bytes of one JSON body, and of all of them together. */
	BODY_MAX = 4 << 20,
	BODIES_MAX = 64 << 20,
};

/* --- the log --- */

static void log_call(const struct call *c)
{
	if (!c->daemon->debug && c->status < 500)
		return;
	double ms = (double)(now_ns(CLOCK_MONOTONIC) - c->began) / 1e6;
	const char *message = json_text_of(json_member(c->doc, "refusal"));
	daemon_log(c->daemon, "request %s %s %s: %d in %.1f ms%s%s", c->id, c->route ? c->route->method : "?",
		c->url, c->status, ms, message ? ": " : "", message ? message : "");
}

/* --- the answer --- */

/* The body of an answer that is not collected: a job's bytes, or the result of a wait. */
static ssize_t read_answer(void *ctx, uint64_t pos, char *out, size_t max)
{
	struct call *c = ctx;
	ssize_t n = c->gone ? -1 : c->job ? job_read(c->job, out, max) : wait_read(c, out, max);
	if (n < 0)
		return MHD_CONTENT_READER_END_WITH_ERROR;
	if (n == 0 && (c->job ? job_has_ended(c->job) : c->out_ended))
		return MHD_CONTENT_READER_END_OF_STREAM;
	if (n == 0)
		call_suspend(c);
	return n;
}

static struct MHD_Response *make_response(struct call *c)
{
	uint64_t length = MHD_SIZE_UNKNOWN;
	struct mc_err ignored = { 0 };
	json_get_u64(c->reply.head, &length, &ignored, "length");
	if (!c->job && c->condition < 0)
		return MHD_create_response_from_buffer(c->reply.body.len,
			c->reply.body.data ? c->reply.body.data : "", MHD_RESPMEM_MUST_COPY);
	return MHD_create_response_from_callback(length, 16384, read_answer, c, NULL);
}

static void add_headers(struct call *c, struct MHD_Response *response)
{
	struct json_iter it = { 0 };
	char version[16];
	const char *type = json_text_of(json_member(c->reply.head, "type"));
	snprintf(version, sizeof(version), "1.%d", API_MAX);
	MHD_add_response_header(response, "Api-Version", version);
	MHD_add_response_header(response, "Docker-Experimental", "false");
	MHD_add_response_header(response, "Ostype", "linux");
	MHD_add_response_header(response, "Server", "minictrd/" MINICTR_VERSION " (linux)");
	MHD_add_response_header(response, "X-Request-Id", c->id);
	if (type)
		MHD_add_response_header(response, "Content-Type", type);
	while (json_next(json_member(c->reply.head, "headers"), &it))
		MHD_add_response_header(response, it.key, json_text_of(it.value));
}

static enum MHD_Result queue_answer(struct call *c)
{
	c->status = (int)json_int_of(json_member(c->reply.head, "status"));
	bool raw = c->status == 101;
	struct MHD_Response *response =
		raw ? MHD_create_response_for_upgrade(job_upgraded, c) : make_response(c);
	if (!response)
		return MHD_NO;
	add_headers(c, response);
	if (raw)
		MHD_add_response_header(response, "Upgrade", "tcp");
	enum MHD_Result result = MHD_queue_response(c->connection, (unsigned)c->status, response);
	MHD_destroy_response(response);
	return result;
}

/* --- the request --- */

static enum MHD_Result add_query(void *ctx, enum MHD_ValueKind kind, const char *key, const char *value)
{
	struct json *query = ctx, *list = (struct json *)json_member(query, key);
	if (!list)
		list = json_set(query, key, json_new_array());
	json_add(list, json_new_string(value ? value : ""));
	return MHD_YES;
}

static const char *header_of(const struct call *c, const char *name)
{
	return MHD_lookup_connection_value(c->connection, MHD_HEADER_KIND, name);
}

/* The document that operations read (request.h). */
static void make_request(struct call *c)
{
	static const char *const kept[] = { "X-Registry-Auth", "X-Registry-Config", "Content-Type" };
	struct json *doc = c->doc = json_new_object();
	json_set_string(doc, "op", c->route->op);
	json_set_string(doc, "id", c->id);
	json_set_i64(doc, "api", c->params.api);
	json_set_string(doc, "name", c->params.name);
	json_set_bool(doc, "upgrade", c->upgrade);
	if (c->daemon->walk)
		json_set_string(doc, "walk", c->daemon->walk);
	json_set_bool(doc, "head", str_eq(c->route->method, "HEAD"));
	MHD_get_connection_values(c->connection, MHD_GET_ARGUMENT_KIND, add_query, json_sub(doc, "query"));
	for (size_t i = 0; i < ARRAY_LEN(kept); i++)
		json_set_string(json_sub(doc, "headers"), kept[i], header_of(c, kept[i]));
	c->request.doc = doc;
}

/* What can be refused by the head alone. True when it was. */
static bool refuse_head(struct call *c, const char *method, const char *url)
{
	const char *length = header_of(c, "Content-Length");
	uint64_t n = 0;
	if (c->params.api > API_MAX)
		reply_error(&c->reply, 400,
			"client version 1.%d is too new. Maximum supported API version is 1.%d",
			c->params.api, API_MAX);
	else if (c->params.api < API_MIN)
		reply_error(&c->reply, 400,
			"client version 1.%d is too old. Minimum supported API version is 1.%d, please "
			"upgrade your client to a newer version",
			c->params.api, API_MIN);
	else if (!c->route)
		reply_error(&c->reply, c->params.wrong_method ? 405 : 404,
			c->params.wrong_method ? "method %s is not allowed for this page" : "page not found",
			method);
	else if (!(c->route->flags & BODY_STREAM) && length && parse_u64(length, &n) == 0 && n > BODY_MAX)
		reply_error(&c->reply, 413, "the body has %llu bytes; at most %d are taken here",
			(unsigned long long)n, BODY_MAX);
	else
		return false;
	return true;
}

static bool wants_upgrade(const struct call *c)
{
	const char *upgrade = header_of(c, "Upgrade");
	return c->route && (c->route->flags & MAY_HIJACK) && upgrade && !strcasecmp(upgrade, "tcp");
}

/* DELETE /containers/web/db?link=1 is about the link db of web: here alone a slash belongs to a name. */
static const struct route *find_route(struct call *c, const char *method, const char *url)
{
	const struct route *r = route_match(method, url, &c->params);
	const char *link = MHD_lookup_connection_value(c->connection, MHD_GET_ARGUMENT_KIND, "link");
	const char *alias = strrchr(url, '/');
	if (r || !link || !alias || !str_eq(method, "DELETE"))
		return r;
	_cleanup_free_ char *path = xstrndup(url, (size_t)(alias - url));
	r = route_match(method, path, &c->params);
	size_t n = strlen(c->params.name);
	snprintf(c->params.name + n, sizeof(c->params.name) - n, "%s", r ? alias : "");
	return r;
}

static struct call *begin_call(
	struct listener *l, struct MHD_Connection *connection, const char *url, const char *method)
{
	struct call *c = xcalloc(1, sizeof(*c));
	c->daemon = l->daemon;
	c->listener = l;
	c->connection = connection;
	c->began = now_ns(CLOCK_MONOTONIC);
	c->url = xstrdup(url);
	c->watch.fd = -1;
	c->condition = -1;
	c->reply.out = -1;
	c->at = &c->daemon->calls;
	c->next = *c->at;
	if (c->next)
		c->next->at = &c->next;
	*c->at = c;
	snprintf(c->id, sizeof(c->id), "%08llx", (unsigned long long)++c->daemon->requests);
	_cleanup_free_ char *page = l->pages ? dashboard_path(c, method, url) : NULL;
	if (!c->reply.begun)
		c->route = find_route(c, method, page ? page : url);
	if (!c->reply.begun && str_eq(method, "OPTIONS"))
		reply_empty(&c->reply, 200);
	else if (!c->reply.begun && !refuse_head(c, method, url)) {
		c->upgrade = wants_upgrade(c);
		make_request(c);
		if (c->route->flags & BODY_STREAM)
			job_start(c);
	}
	c->refused = c->reply.begun;
	return c;
}

/* JSON is kept; a stream goes to the job. What is left of *len is offered again after a resume. */
static void take_body(struct call *c, const char *data, size_t *len)
{
	size_t n = *len;
	*len = 0;
	if (c->refused)
		return;
	if (c->route->flags & BODY_STREAM) {
		*len = c->job ? n - job_write(c->job, data, n) : 0;
		if (*len)
			call_suspend(c);
		return;
	}
	if (c->body.len + n > BODY_MAX || c->daemon->body_bytes + n > BODIES_MAX) {
		bool one = c->body.len + n > BODY_MAX;
		c->refused = true;
		reply_error(&c->reply, one ? 413 : 503,
			one ? "the body has more than %d bytes" : "too many large requests at a time (%d)",
			one ? BODY_MAX : BODIES_MAX);
		return;
	}
	c->daemon->body_bytes += n;
	buf_add(&c->body, data, n);
}

static int parse_body(struct call *c, struct mc_err *err)
{
	struct json *body = NULL;
	const char *type = header_of(c, "Content-Type");
	bool needed = c->route->flags & NEEDS_JSON;
	if (!c->body.len && !needed)
		return 0;
	if (needed && (!type || !str_starts(type, "application/json")))
		return err_set(err, EINVAL, "Content-Type specified (%s) must be 'application/json'",
			type ? type : "");
	if (!c->body.len)
		return err_set(err, EINVAL, "the request has no body; expected a JSON object");
	int rc = json_parse(c->body.data, c->body.len, "body", &body, err);
	if (rc >= 0 && json_kind_of(body) != JSON_OBJECT && json_kind_of(body) != JSON_NULL)
		rc = err_set(err, EINVAL, "body: expected a JSON object");
	if (rc >= 0 && json_kind_of(body) == JSON_OBJECT)
		json_set(c->doc, "body", body);
	else
		json_free(body);
	c->daemon->body_bytes -= c->body.len;
	buf_release(&c->body);
	return rc;
}

/* The whole request is here. */
static void dispatch(struct call *c)
{
	struct mc_err err = { 0 };
	c->dispatched = true;
	loop_drop(&c->daemon->loop, &c->watch);
	if (c->refused)
		return;
	if (c->route->flags & BODY_STREAM) {
		if (c->job)
			job_end_body(c->job);
		return;
	}
	int rc = parse_body(c, &err);
	if (rc >= 0)
		rc = body_check_kinds(c->route->op, (struct json *)json_member(c->doc, "body"), &err);
	if (rc >= 0 && c->route->how == BY_DAEMON)
		rc = op_daemon_run(c, &err);
	else if (rc >= 0)
		job_start(c);
	if (rc < 0)
		reply_failure(&c->reply, &err);
}

enum MHD_Result http_handle(void *listener, struct MHD_Connection *connection, const char *url,
	const char *method, const char *version, const char *data, size_t *len, void **state)
{
	struct call *c = *state;
	if (!c) {
		*state = c = begin_call(listener, connection, url, method);
		/* Refused for its size: the answer does not wait for the body, and the connection ends. */
		if (c->refused && json_int_of(json_member(c->reply.head, "status")) == 413)
			return queue_answer(c);
		call_await_body(c);
		return MHD_YES;
	}
	if (c->gone)
		return MHD_NO;
	if (*len) {
		take_body(c, data, len);
		call_await_body(c);
		return MHD_YES;
	}
	bool first = !c->dispatched;
	if (first)
		dispatch(c);
	if (c->reply.begun)
		return queue_answer(c);
	/*
	 * The library calls once more at its next turn. A connection that is suspended in this first call still
	 * counts as one to read from: when resumed, it would be read, and a half-closed one taken for gone.
	 */
	if (!first)
		call_suspend(c);
	return MHD_YES;
}

/*
 * The input ended within a request. The library gives no answer and closes, but tells us while the socket can
 * still be written to; a client that has closed only its sending half (shutdown(2)) reads what was wrong.
 */
static void answer_short_body(struct call *c)
{
	struct reply *r = &c->reply;
	if (!c->refused) {
		reply_release(r);
		r->begun = false;
		reply_error(r, 400, "unexpected EOF: the connection's input ended within the body");
	}
	c->status = (int)json_int_of(json_member(r->head, "status"));
	_cleanup_free_ char *text = xasprintf("HTTP/1.1 %d %s\r\nContent-Type: application/json\r\n"
					      "Content-Length: %zu\r\nConnection: close\r\n\r\n%.*s",
		c->status, MHD_get_reason_phrase_for((unsigned)c->status), r->body.len, (int)r->body.len,
		r->body.data ? r->body.data : "");
	send(call_socket(c), text, strlen(text), MSG_DONTWAIT | MSG_NOSIGNAL);
}

void http_ended(
	void *listener, struct MHD_Connection *connection, void **state, enum MHD_RequestTerminationCode why)
{
	struct call *c = *state;
	if (!c)
		return;
	if (why == MHD_REQUEST_TERMINATED_CLIENT_ABORT)
		answer_short_body(c);
	log_call(c);
	*c->at = c->next;
	if (c->next)
		c->next->at = c->at;
	loop_drop(&c->daemon->loop, &c->watch);
	if (c->job)
		job_forget_call(c->job);
	wait_forget(c);
	c->daemon->body_bytes -= c->body.len;
	buf_release(&c->body);
	buf_release(&c->out);
	reply_release(&c->reply);
	json_free(c->doc);
	free(c->url);
	free(c);
	*state = NULL;
}
