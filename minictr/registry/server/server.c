/*
 * server/server.c - requests in, replies out: libmicrohttpd, one thread per connection.
 *
 * libmicrohttpd calls handle() several times per request: first with the head (we look whether it may come in at
 * all, and open what a body goes to), then with pieces of the body, then once more for the reply.
 *
 * Why threads: hashing a pushed layer and fetching one through the proxy take seconds, and must not keep others
 * waiting. There is nothing to share but the store, which is safe for many processes anyway.
 */
#include <arpa/inet.h>
#include <poll.h>
#include <stdarg.h>
#include <time.h>
#include <unistd.h>

#include "image/image.h"
#include "registry/server/server.h"

enum { CONNECTIONS = 512, MOST_DOCUMENTS = 32, IDLE_SECONDS = 60 };

/* --- replies --- */

void reply_header(struct call *c, const char *fmt, ...)
{
	char line[1024];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	strv_push(&c->headers, line);
}

static enum MHD_Result queue(struct call *c, int status, struct MHD_Response *response)
{
	enum MHD_Result result;
	for (size_t i = 0; c->headers && c->headers[i]; i++) {
		char *colon = strstr(c->headers[i], ": ");
		*colon = 0;
		MHD_add_response_header(response, c->headers[i], colon + 2);
	}
	MHD_add_response_header(response, "Docker-Distribution-Api-Version", "registry/2.0");
	c->status = status;
	result = MHD_queue_response(c->connection, (unsigned)status, response);
	MHD_destroy_response(response);
	return result;
}

enum MHD_Result reply_empty(struct call *c, int status)
{
	return queue(c, status, MHD_create_response_from_buffer(0, (void *)"", MHD_RESPMEM_PERSISTENT));
}

enum MHD_Result reply_json(struct call *c, int status, const struct json *doc, const char *type)
{
	char *text = json_dump(doc, false);
	reply_header(c, "Content-Type: %s", type ? type : "application/json");
	return queue(c, status, MHD_create_response_from_buffer(strlen(text), text, MHD_RESPMEM_MUST_FREE));
}

enum MHD_Result reply_error(struct call *c, int status, const char *code, const char *message)
{
	_cleanup_json_ struct json *doc = json_new_object();
	struct json *one = json_add(json_set(doc, "errors", json_new_array()), json_new_object());
	json_set_string(one, "code", code);
	json_set_string(one, "message", message);
	return reply_json(c, status, doc, NULL);
}

enum MHD_Result reply_file(struct call *c, int status, int fd, uint64_t offset, uint64_t size)
{
	return queue(c, status, MHD_create_response_from_fd_at_offset64(size, fd, offset));
}

enum MHD_Result reply_failure(struct call *c, const struct mc_err *err)
{
	fprintf(stderr, "minictr-registry: %s %s: %s\n", c->method, c->route.name, err->what);
	return reply_error(c, err->code == ENOSPC ? 507 : 500, "UNKNOWN",
		err->code == ENOSPC ? "the server's disk is full"
				    : "the server could not do it; its log says why");
}

const char *call_query(const struct call *c, const char *key)
{
	return MHD_lookup_connection_value(c->connection, MHD_GET_ARGUMENT_KIND, key);
}

const char *call_header(const struct call *c, const char *key)
{
	return MHD_lookup_connection_value(c->connection, MHD_HEADER_KIND, key);
}

/* --- one request --- */

static bool writes(const struct call *c) { return !str_eq(c->method, "GET") && !str_eq(c->method, "HEAD"); }

/* A refusal that needs no body. MHD_NO would drop the connection, so the reply itself says whether one was queued. */
static bool refuse(struct call *c, enum MHD_Result *ret)
{
	enum route_kind kind = c->route.kind;
	if (kind == ROUTE_NONE)
		*ret = reply_error(c, 404, "UNSUPPORTED", "no such address in a registry");
	else if (kind == ROUTE_BAD_NAME)
		*ret = reply_error(c, 400, "NAME_INVALID", "invalid repository name");
	else if (kind == ROUTE_BAD_REFERENCE)
		*ret = reply_error(c, strstr(c->method, "PUT") ? 400 : 404, "MANIFEST_UNKNOWN",
			"invalid tag, digest or upload");
	else if (c->server->read_only && writes(c))
		*ret = reply_error(c, 405, "UNSUPPORTED", "this registry is read-only");
	else
		return false;
	return true;
}

/* Opens what the body goes to. True when the request was refused instead. */
static bool begin(struct call *c, enum MHD_Result *ret)
{
	struct mc_err err;
	int status = 0;
	if (refuse(c, ret))
		return true;
	if (c->route.kind == ROUTE_MANIFEST && str_eq(c->method, "PUT")) {
		c->collecting = true;
		if (atomic_fetch_add(&c->server->documents, 1) >= MOST_DOCUMENTS)
			c->rc = err_set(&c->err, EAGAIN, "too many manifests at a time; try again");
	}
	if (c->route.kind == ROUTE_UPLOADS && !str_eq(c->method, "POST")) {
		*ret = reply_error(c, 405, "UNSUPPORTED", "POST begins an upload");
		return true;
	}
	if (c->route.kind == ROUTE_UPLOADS || c->route.kind == ROUTE_UPLOAD)
		status = upload_open(c, &err);
	if (status == 0)
		return false;
	*ret = status == 500
		       ? reply_failure(c, &err)
		       : reply_error(c, status, status == 404 ? "BLOB_UPLOAD_UNKNOWN" : "BLOB_UPLOAD_INVALID",
				 err.what);
	return true;
}

/* A piece of the body. Failures are kept for the reply; the rest of the body is let pass. */
static void body(struct call *c, const char *data, size_t len)
{
	if (c->rc < 0)
		return;
	if (c->upload >= 0)
		c->rc = upload_data(c, data, len, &c->err);
	else if (c->collecting && c->document.len + len > DOCUMENT_MAX)
		c->rc = err_set(&c->err, EFBIG, "a manifest has at most %d bytes", DOCUMENT_MAX);
	else if (c->collecting)
		buf_add(&c->document, data, len);
}

static enum MHD_Result answer(struct call *c)
{
	_cleanup_json_ struct json *empty = NULL;
	switch (c->route.kind) {
	case ROUTE_UPLOADS:
	case ROUTE_UPLOAD: return serve_upload(c);
	case ROUTE_MANIFEST: return serve_manifest(c);
	case ROUTE_BLOB: return serve_blob(c);
	default: break;
	}
	if (writes(c))
		return reply_error(c, 405, "UNSUPPORTED", "method not allowed here");
	switch (c->route.kind) {
	case ROUTE_TAGS: return serve_tags(c);
	case ROUTE_CATALOG: return serve_catalog(c);
	case ROUTE_REFERRERS: return serve_referrers(c);
	default: empty = json_new_object(); return reply_json(c, 200, empty, NULL);
	}
}

static enum MHD_Result handle(void *ctx, struct MHD_Connection *connection, const char *url,
	const char *method, const char *version, const char *data, size_t *len, void **state)
{
	struct call *c = *state;
	enum MHD_Result result;
	if (!c) {
		c = *state = xcalloc(1, sizeof(*c));
		c->server = ctx;
		c->connection = connection;
		c->method = xstrdup(method);
		c->upload = -1;
		route_parse(url, &c->route);
		return begin(c, &result) ? result : MHD_YES;
	}
	if (*len) {
		body(c, data, *len);
		*len = 0;
		return MHD_YES;
	}
	return answer(c);
}

static void log_line(const struct call *c)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(c->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	static const char *const what[] = { "-", "/v2/", "catalog", "tags", "manifest", "blob", "uploads",
		"upload", "referrers", "-", "-" };
	char address[INET6_ADDRSTRLEN] = "?";
	const struct sockaddr *sa = info ? info->client_addr : NULL;
	if (sa && sa->sa_family == AF_INET)
		inet_ntop(AF_INET, &((const struct sockaddr_in *)(const void *)sa)->sin_addr, address,
			sizeof(address));
	else if (sa && sa->sa_family == AF_INET6)
		inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)(const void *)sa)->sin6_addr, address,
			sizeof(address));
	/* only what passed the grammar is printed: a client must not write to the operator's terminal */
	fprintf(stderr, "%s %.8s %s %s %s %d\n", address, c->method, what[c->route.kind],
		c->route.kind < ROUTE_BAD_NAME ? c->route.name : "", c->route.reference, c->status);
}

static void finished(
	void *ctx, struct MHD_Connection *connection, void **state, enum MHD_RequestTerminationCode why)
{
	struct call *c = *state;
	if (!c)
		return;
	if (!c->server->quiet)
		log_line(c);
	if (c->collecting)
		atomic_fetch_sub(&c->server->documents, 1);
	close_fd(c->upload);
	buf_release(&c->document);
	strv_free(c->headers);
	free((char *)c->method);
	free(c);
	*state = NULL;
}

/* --- listening --- */

static struct MHD_Daemon *start(
	struct server *s, const struct server_options *o, const struct sockaddr *address)
{
	unsigned flags = MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION | MHD_USE_POLL |
			 (address->sa_family == AF_INET6 ? MHD_USE_IPv6 : 0) | (o->cert ? MHD_USE_TLS : 0);
	struct MHD_OptionItem tls[] = { { MHD_OPTION_HTTPS_MEM_CERT, 0, (void *)o->cert },
		{ MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)o->key }, { MHD_OPTION_END, 0, NULL } };
	struct MHD_OptionItem none[] = { { MHD_OPTION_END, 0, NULL } };
	/* without MHD_OPTION_LISTENING_ADDRESS_REUSE: it means SO_REUSEPORT, and a second server would take half of the requests */
	return MHD_start_daemon(flags, 0, NULL, NULL, handle, s, MHD_OPTION_SOCK_ADDR, address,
		MHD_OPTION_NOTIFY_COMPLETED, finished, NULL, MHD_OPTION_CONNECTION_LIMIT,
		(unsigned)CONNECTIONS, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_SECONDS,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)(64 << 10), MHD_OPTION_THREAD_STACK_SIZE,
		(size_t)(512 << 10), MHD_OPTION_ARRAY, o->cert ? tls : none, MHD_OPTION_END);
}

static int parse_address(const struct server_options *o, struct sockaddr_storage *ret, struct mc_err *err)
{
	struct sockaddr_in *v4 = (void *)ret;
	struct sockaddr_in6 *v6 = (void *)ret;
	memset(ret, 0, sizeof(*ret));
	if (inet_pton(AF_INET, o->address, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons(o->port);
		return 0;
	}
	if (inet_pton(AF_INET6, o->address, &v6->sin6_addr) == 1) {
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons(o->port);
		return 0;
	}
	return err_set(err, EINVAL, "\"%s\" is no address: wanted like 127.0.0.1 or ::", o->address);
}

int server_run(struct server *s, const struct server_options *o, int stop, void (*ready)(uint16_t port),
	struct mc_err *err)
{
	const union MHD_DaemonInfo *info;
	struct pollfd p = { .fd = stop, .events = POLLIN };
	struct sockaddr_storage address;
	struct MHD_Daemon *daemon;
	int rc = parse_address(o, &address, err);
	if (rc < 0)
		return rc;
	pthread_mutex_init(&s->busy_lock, NULL);
	s->busy = -1;
	uploads_clean(s->store);
	daemon = start(s, o, (struct sockaddr *)&address);
	if (!daemon) {
		err_set(err, errno ? errno : EIO, "cannot listen on %s port %u: %s", o->address, o->port,
			errno ? strerror(errno) : "certificate or key not accepted?");
		return err_hint(err, "another server may have the port; choose one with --addr HOST:PORT");
	}
	info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT);
	ready(info ? info->port : o->port);
	while (poll(&p, 1, 60000) <= 0 || !(p.revents & POLLIN))
		server_idle(s);
	MHD_stop_daemon(daemon);
	close_fd(s->busy);
	return 0;
}
