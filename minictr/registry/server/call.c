/*
 * server/call.c - replies, and the parameters of a request: libmicrohttpd(3), MHD_queue_response(3).
 */
#include "registry/server/call.h"

#include <stdarg.h>
#include <time.h>

enum { BUSY_SECONDS = 300 };

void answer_header(struct call *c, const char *fmt, ...)
{
	char line[1024];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	strv_push(&c->headers, line);
}

static enum MHD_Result queue_reply(struct call *c, int status, struct MHD_Response *response)
{
	for (size_t i = 0; c->headers && c->headers[i]; i++) {
		char *colon = strstr(c->headers[i], ": ");
		*colon = 0;
		MHD_add_response_header(response, c->headers[i], colon + 2);
	}
	MHD_add_response_header(response, "Docker-Distribution-Api-Version", "registry/2.0");
	c->status = status;
	enum MHD_Result result = MHD_queue_response(c->connection, (unsigned)status, response);
	MHD_destroy_response(response);
	return result;
}

enum MHD_Result answer_empty(struct call *c, int status)
{
	return queue_reply(c, status, MHD_create_response_from_buffer(0, (void *)"", MHD_RESPMEM_PERSISTENT));
}

enum MHD_Result answer_json(struct call *c, int status, const struct json *doc, const char *type)
{
	char *text = json_dump(doc, false);
	answer_header(c, "Content-Type: %s", type ? type : "application/json");
	return queue_reply(
		c, status, MHD_create_response_from_buffer(strlen(text), text, MHD_RESPMEM_MUST_FREE));
}

enum MHD_Result answer_error(struct call *c, int status, const char *code, const char *message)
{
	_cleanup_json_ struct json *doc = json_new_object();
	struct json *one = json_add(json_set(doc, "errors", json_new_array()), json_new_object());
	json_set_string(one, "code", code);
	json_set_string(one, "message", message);
	return answer_json(c, status, doc, NULL);
}

enum MHD_Result answer_file(struct call *c, int status, int fd, uint64_t offset, uint64_t size)
{
	return queue_reply(c, status, MHD_create_response_from_fd_at_offset64(size, fd, offset));
}

enum MHD_Result answer_failure(struct call *c, const struct mc_err *err)
{
	if (err->code == ENOSPC)
		return answer_error(c, 507, "UNKNOWN", "the server's disk is full");
	c->err = *err; /* for the log only: a client must not learn our paths */
	return answer_error(c, 500, "UNKNOWN", "the server could not do it; its log says why");
}

const char *call_query(const struct call *c, const char *key)
{
	return MHD_lookup_connection_value(c->connection, MHD_GET_ARGUMENT_KIND, key);
}

struct wanted_key {
	const char *key;
	char **values;
};

static enum MHD_Result add_value(void *ctx, enum MHD_ValueKind kind, const char *key, const char *value)
{
	struct wanted_key *w = ctx;
	if (value && str_eq(key, w->key))
		strv_push(&w->values, value);
	return MHD_YES;
}

char **call_queries(const struct call *c, const char *key)
{
	struct wanted_key w = { .key = key };
	MHD_get_connection_values(c->connection, MHD_GET_ARGUMENT_KIND, add_value, &w);
	return w.values;
}

const char *call_header(const struct call *c, const char *key)
{
	return MHD_lookup_connection_value(c->connection, MHD_HEADER_KIND, key);
}

void server_writes(struct server *s)
{
	struct mc_err ignored;
	pthread_mutex_lock(&s->busy_lock);
	if (s->busy < 0)
		s->busy = store_busy(s->store, &ignored);
	s->busy_since = now_ns(CLOCK_MONOTONIC);
	pthread_mutex_unlock(&s->busy_lock);
}

void server_idle(struct server *s)
{
	pthread_mutex_lock(&s->busy_lock);
	if (s->busy >= 0 && now_ns(CLOCK_MONOTONIC) - s->busy_since > BUSY_SECONDS * 1000000000ULL)
		s->busy = close_fd(s->busy);
	pthread_mutex_unlock(&s->busy_lock);
}
