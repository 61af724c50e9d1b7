/*
 * server/server.c - requests in, each to its handler: libmicrohttpd, one thread per connection.
 *
 * libmicrohttpd calls handle() several times per request: first with the head (we look whether it may come
 * in at all, and open what a body goes to), then with pieces of the body, then once more for the reply.
 *
 * Why threads: hashing a pushed layer and fetching one through the proxy take seconds, and must not keep
 * others waiting. There is nothing to share but the store, which is safe for many processes anyway.
 */
#include "registry/server/server.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "registry/server/handlers.h"
#include "registry/server/repositories.h"
#include "registry/url.h"

enum { CONNECTIONS = 512, MOST_DOCUMENTS = 32, IDLE_SECONDS = 60, TICK_MS = 5000 };

/* --- one request --- */

static bool is_write(const struct call *c) { return !str_eq(c->method, "GET") && !str_eq(c->method, "HEAD"); }

/*
 * DNS rebinding: a page in a browser on this machine may give its own host name our loopback address and
 * then read and push here, with its host name in the header. So a server on loopback answers to loopback
 * names only. (The port may differ: tunnels.)
 */
static bool host_is_foreign(const struct call *c)
{
	const char *host = call_header(c, "Host");
	if (!c->server->loopback || !host || str_eq(host, c->server->host))
		return false;
	return !host_is_loopback(host);
}

/* A refusal that needs no body. MHD_NO would drop the connection, so the reply itself says whether one was
 * queued. */
static bool refuse_call(struct call *c, enum MHD_Result *ret)
{
	enum route_kind kind = c->route.kind;
	if (host_is_foreign(c))
		*ret = answer_error(
			c, 403, "DENIED", "this registry is for this machine only: ask it as localhost");
	else if (kind == ROUTE_NONE)
		*ret = answer_error(c, 404, "UNSUPPORTED", "no such address in a registry");
	else if (kind == ROUTE_BAD_NAME)
		*ret = answer_error(c, 400, "NAME_INVALID", "invalid repository name");
	else if (kind == ROUTE_BAD_REFERENCE)
		*ret = answer_error(c, strstr(c->method, "PUT") ? 400 : 404, "MANIFEST_UNKNOWN",
			"invalid tag, digest or upload");
	else if (c->server->read_only && is_write(c))
		*ret = answer_error(c, 405, "UNSUPPORTED", "this registry is read-only");
	else
		return false;
	return true;
}

/* Opens what the body goes to. True when the request was refused instead. */
static bool begin_call(struct call *c, enum MHD_Result *ret)
{
	struct mc_err err;
	int status = 0;
	if (refuse_call(c, ret))
		return true;
	if (c->route.kind == ROUTE_MANIFEST && str_eq(c->method, "PUT")) {
		c->collecting = true;
		if (atomic_fetch_add(&c->server->documents, 1) >= MOST_DOCUMENTS)
			c->rc = err_set(&c->err, EAGAIN, "too many manifests at a time; try again");
	}
	if (c->route.kind == ROUTE_UPLOADS && !str_eq(c->method, "POST")) {
		*ret = answer_error(c, 405, "UNSUPPORTED", "POST begins an upload");
		return true;
	}
	if (c->route.kind == ROUTE_UPLOADS || c->route.kind == ROUTE_UPLOAD)
		status = upload_open(c, &err);
	if (status == 0)
		return false;
	*ret = status == 500
		       ? answer_failure(c, &err)
		       : answer_error(c, status,
				 status == 404 ? "BLOB_UPLOAD_UNKNOWN" : "BLOB_UPLOAD_INVALID", err.what);
	return true;
}

/* A piece of the body. Failures are kept for the reply; the rest of the body is let pass. */
static void take_body(struct call *c, const char *data, size_t len)
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

static enum MHD_Result answer_call(struct call *c)
{
	_cleanup_json_ struct json *empty = NULL;
	switch (c->route.kind) {
	case ROUTE_UPLOADS:
	case ROUTE_UPLOAD: return serve_upload(c);
	case ROUTE_MANIFEST: return serve_manifest(c);
	case ROUTE_BLOB: return serve_blob(c);
	default: break;
	}
	if (is_write(c))
		return answer_error(c, 405, "UNSUPPORTED", "method not allowed here");
	switch (c->route.kind) {
	case ROUTE_TAGS: return serve_tags(c);
	case ROUTE_CATALOG: return serve_catalog(c);
	case ROUTE_REFERRERS: return serve_referrers(c);
	default: empty = json_new_object(); return answer_json(c, 200, empty, NULL);
	}
}

static enum MHD_Result handle_request(void *ctx, struct MHD_Connection *connection, const char *url,
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
		return begin_call(c, &result) ? result : MHD_YES;
	}
	if (*len) {
		take_body(c, data, *len);
		*len = 0;
		return MHD_YES;
	}
	return answer_call(c);
}

static void log_call(const struct call *c)
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
	char line[800];
	snprintf(line, sizeof(line), "%s %.8s %s %s %s %d", address, c->method, what[c->route.kind],
		c->route.kind < ROUTE_BAD_NAME ? c->route.name : "", c->route.reference, c->status);
	c->server->log(line);
	if (c->status == 500 && c->err.code)
		c->server->log(c->err.what);
}

static void end_call(
	void *ctx, struct MHD_Connection *connection, void **state, enum MHD_RequestTerminationCode why)
{
	struct call *c = *state;
	if (!c)
		return;
	/* The client of a POST that broke off has not heard where its upload is; a PATCH may be gone on with. */
	if (why != MHD_REQUEST_TERMINATED_COMPLETED_OK && c->upload >= 0 && str_eq(c->method, "POST"))
		upload_forget(c);
	if (c->server->log)
		log_call(c);
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

/* The socket is ours, and so is the reason when it cannot be had: libmicrohttpd returns NULL, and errno is
 * by then that of its clean-up ("Bad file descriptor" for a busy port). SO_REUSEADDR takes a port whose old
 * connections are still closing, not one that has a server. */
static int open_listener(
	const struct server_options *o, const struct sockaddr_storage *address, struct mc_err *err)
{
	socklen_t len =
		address->ss_family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
	_cleanup_close_ int fd = socket(address->ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int on = 1;
	if (fd >= 0)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (fd >= 0 && bind(fd, (const struct sockaddr *)address, len) == 0 && listen(fd, SOMAXCONN) == 0)
		return take_fd(&fd);
	int code = errno;
	err_set(err, code, "cannot listen on %s port %u: %s", o->address, o->port, strerror(code));
	if (code == EADDRINUSE)
		err_hint(err, "another server has the port; choose one with --addr HOST:PORT");
	return -code;
}

static struct MHD_Daemon *start_daemon(
	struct server *s, const struct server_options *o, int listener, bool v6)
{
	unsigned flags = MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION | MHD_USE_POLL |
			 (v6 ? MHD_USE_IPv6 : 0) | (o->cert ? MHD_USE_TLS : 0);
	struct MHD_OptionItem tls[] = { { MHD_OPTION_HTTPS_MEM_CERT, 0, (void *)o->cert },
		{ MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)o->key }, { MHD_OPTION_END, 0, NULL } };
	struct MHD_OptionItem none[] = { { MHD_OPTION_END, 0, NULL } };
	return MHD_start_daemon(flags, 0, NULL, NULL, handle_request, s, MHD_OPTION_LISTEN_SOCKET, listener,
		MHD_OPTION_NOTIFY_COMPLETED, end_call, NULL, MHD_OPTION_CONNECTION_LIMIT,
		(unsigned)CONNECTIONS, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_SECONDS,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)(64 << 10), MHD_OPTION_THREAD_STACK_SIZE,
		(size_t)(512 << 10), MHD_OPTION_ARRAY, o->cert ? tls : none, MHD_OPTION_END);
}

static uint16_t bound_port(int listener)
{
	struct sockaddr_storage a = { 0 };
	socklen_t len = sizeof(a);
	getsockname(listener, (struct sockaddr *)&a, &len);
	return ntohs(a.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)(void *)&a)->sin6_port
					     : ((struct sockaddr_in *)(void *)&a)->sin_port);
}

/* Between requests: what was left unfinished goes. */
static void tidy_server(struct server *s)
{
	server_idle(s);
	uploads_clean(s->store);
}

int server_run(struct server *s, const struct server_options *o, int stop, void (*ready)(uint16_t port),
	struct mc_err *err)
{
	struct pollfd p = { .fd = stop, .events = POLLIN };
	struct sockaddr_storage address;
	int rc = parse_address(o, &address, err);
	int listener = rc < 0 ? rc : open_listener(o, &address, err);
	if (listener < 0)
		return listener;
	uint16_t port = bound_port(listener);
	pthread_mutex_init(&s->busy_lock, NULL);
	s->busy = -1;
	s->loopback = host_is_loopback(o->address) || str_eq(o->address, "::1");
	uploads_clean(s->store);
	ledger_clean(s);
	struct MHD_Daemon *daemon = start_daemon(s, o, listener, address.ss_family == AF_INET6);
	if (!daemon) {
		close_fd(listener);
		return err_set(err, EIO, "the HTTP server does not start%s",
			o->cert ? ": is it certificate and key in PEM, and do they belong together?" : "");
	}
	ready(port);
	while (poll(&p, 1, TICK_MS) <= 0 || !(p.revents & POLLIN))
		tidy_server(s);
	MHD_stop_daemon(daemon); /* closes the listener */
	close_fd(s->busy);
	return 0;
}
