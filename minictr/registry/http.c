/*
 * http.c - HTTP(S) requests by libcurl; no other file knows curl.
 *
 * Man pages: libcurl-easy(3), curl_easy_setopt(3), libcurl-thread(3), libcurl-env(3).
 *
 * Order of a request: take an idle handle (its connection is still open, so that fifty requests to one
 * registry cost one TLS handshake), send, follow redirects ourselves, look whether trying again makes
 * sense, pause, repeat.
 *
 * Why redirects are ours: a registry sends us to a blob store of another operator, often with a signed URL.
 * The token we hold must not travel there, and some stores refuse a request that carries two kinds of
 * authorization.
 *
 * Left out: cookies, HTTP authentication schemes (remote.c makes the header), compressed transfer (a layer
 * is compressed already, and what is not decoded cannot be a bomb).
 */
#include <curl/curl.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "registry/http.h"
#include "registry/url.h"

enum {
	MAX_HOPS = 10,
	MAX_HEAD = 64 << 10,
	MAX_ERROR_BODY = 64 << 10,
	MAX_BODY = 8 << 20,
	/* small replies as a whole; a drip of one byte a second ends here */
	MEMORY_REPLY_SECONDS = 120,
	POOL = 16,
};

struct http {
	struct http_options opt; /* strings owned */
	char *ca_pem;            /* certificates to trust beside the host's; owned, NULL for none */
	char *client_cert;       /* path, owned; NULL for none */
	char *client_key;        /* path, owned */
	pthread_mutex_t lock;    /* guards idle */
	CURL *idle[POOL];
};

/* One exchange: what the callbacks of curl need. */
struct exchange {
	struct http *http;
	const struct http_request *q;
	struct http_reply *reply;
	struct mc_err *err;
	uint64_t sent;  /* of the request body */
	int rc;         /* first failure inside a callback, with *err filled */
	bool delivered; /* the sink has seen bytes: a retry from the start would repeat them */
	char text[CURL_ERROR_SIZE];
};

static pthread_once_t curl_once = PTHREAD_ONCE_INIT;

static void curl_start(void)
{
	curl_global_init(CURL_GLOBAL_DEFAULT);
	signal(SIGPIPE,
		SIG_IGN); /* OpenSSL writes without MSG_NOSIGNAL: a peer that hangs up would kill us */
}

/* --- certificates --- */

static void add_pem(struct buf *out, int dir, const char *name)
{
	_cleanup_buf_ struct buf pem = { 0 };
	struct mc_err ignored;
	if (file_read(dir, name, 4 << 20, &pem, &ignored) == 0 && pem.len) {
		buf_add(out, pem.data, pem.len);
		buf_addc(out, '\n');
	}
}

/* The host's bundle plus *.crt of the directory: curl's CAINFO replaces, docker's certs.d adds. */
static void load_certificates(struct http *h, const char *dir)
{
	_cleanup_strv_ char **names = NULL;
	_cleanup_buf_ struct buf pem = { 0 };
	struct mc_err ignored;
	const char *host = getenv("SSL_CERT_FILE");
	if (host)
		add_pem(&pem, AT_FDCWD, host);
	if (dir && path_is_dir(AT_FDCWD, dir) && dir_list(AT_FDCWD, dir, &names, &ignored) == 0) {
		for (size_t n = 0; names[n]; n++) {
			_cleanup_free_ char *path = xasprintf("%s/%s", dir, names[n]);
			if (str_ends(names[n], ".crt"))
				add_pem(&pem, AT_FDCWD, path);
			else if (str_ends(names[n], ".cert") && !h->client_cert)
				h->client_cert = xstrdup(path);
			else if (str_ends(names[n], ".key") && !h->client_key)
				h->client_key = xstrdup(path);
		}
	}
	if (!pem.len)
		return;
	if (!host && curl_version_info(CURLVERSION_NOW)->cainfo)
		add_pem(&pem, AT_FDCWD, curl_version_info(CURLVERSION_NOW)->cainfo);
	h->ca_pem = buf_take(&pem);
}

struct http *http_new(const struct http_options *o)
{
	struct http *h = xcalloc(1, sizeof(*h));
	pthread_once(&curl_once, curl_start);
	pthread_mutex_init(&h->lock, NULL);
	h->opt = *o;
	h->opt.attempts = o->attempts ? o->attempts : 5;
	h->opt.connect_seconds = o->connect_seconds ? o->connect_seconds : 15;
	h->opt.stall_seconds = o->stall_seconds ? o->stall_seconds : 30;
	h->opt.max_wait_seconds = o->max_wait_seconds ? o->max_wait_seconds : 60;
	h->opt.ca_dir = NULL;
	load_certificates(h, o->ca_dir);
	return h;
}

void http_free(struct http *h)
{
	if (!h)
		return;
	for (size_t i = 0; i < POOL; i++)
		curl_easy_cleanup(h->idle[i]);
	pthread_mutex_destroy(&h->lock);
	free(h->ca_pem);
	free(h->client_cert);
	free(h->client_key);
	free(h);
}

static CURL *handle_take(struct http *h)
{
	CURL *c = NULL;
	pthread_mutex_lock(&h->lock);
	for (size_t i = 0; i < POOL && !c; i++) {
		c = h->idle[i];
		h->idle[i] = NULL;
	}
	pthread_mutex_unlock(&h->lock);
	return c ? c : curl_easy_init();
}

static void handle_give(struct http *h, CURL *c)
{
	curl_easy_reset(c); /* options go, the open connection stays */
	pthread_mutex_lock(&h->lock);
	for (size_t i = 0; i < POOL && c; i++) {
		if (!h->idle[i]) {
			h->idle[i] = c;
			c = NULL;
		}
	}
	pthread_mutex_unlock(&h->lock);
	curl_easy_cleanup(c);
}

/* --- callbacks of curl --- */

static size_t on_header(char *line, size_t size, size_t count, void *ctx)
{
	struct exchange *x = ctx;
	size_t len = size * count, keep = len; /* curl ends each line with a NUL beyond len */
	if (len >= 12 && !strncmp(line, "HTTP/", 5)) {
		buf_clear(
			&x->reply->head); /* a new reply begins (100 Continue, a proxy's answer to CONNECT) */
		x->reply->status = strtol(line + strcspn(line, " "), NULL, 10);
		x->reply->length = UINT64_MAX;
	}
	if (x->reply->head.len + len > MAX_HEAD) {
		x->rc = err_set(x->err, EFBIG, "%s: more than %d KiB of headers", x->q->url, MAX_HEAD >> 10);
		return 0;
	}
	if (len > 15 && !strncasecmp(line, "Content-Length:", 15))
		x->reply->length = strtoull(line + 15, NULL, 10);
	while (keep && (line[keep - 1] == '\r' || line[keep - 1] == '\n'))
		keep--;
	if (keep && !memchr(line, 0, keep)) {
		buf_add(&x->reply->head, line, keep);
		buf_addc(&x->reply->head, '\n');
	}
	return len;
}

static size_t on_body(char *data, size_t size, size_t count, void *ctx)
{
	struct exchange *x = ctx;
	size_t len = size * count, max;
	bool good = x->reply->status >= 200 && x->reply->status < 300;
	if (good && x->q->sink) {
		x->delivered = true;
		x->rc = x->q->sink(x->q->ctx, x->reply, data, len, x->err);
		return x->rc < 0 ? 0 : len;
	}
	max = !good ? MAX_ERROR_BODY : x->q->max_body ? x->q->max_body : MAX_BODY;
	if (x->reply->body.len + len > max) {
		if (!good)
			return len; /* an error page is read for its first words only */
		x->rc = err_set(x->err, EFBIG, "%s: the reply is larger than %zu bytes", x->q->url, max);
		return 0;
	}
	buf_add(&x->reply->body, data, len);
	return len;
}

static size_t on_read(char *data, size_t size, size_t count, void *ctx)
{
	struct exchange *x = ctx;
	uint64_t left = x->q->size - x->sent;
	size_t want = size * count < left ? size * count : (size_t)left;
	ssize_t n;
	if (x->q->data) {
		memcpy(data, (const char *)x->q->data + x->sent, want);
		n = (ssize_t)want;
	} else {
		n = want ? pread(x->q->fd, data, want, (off_t)(x->q->offset + x->sent)) : 0;
	}
	if (n < 0 || (n == 0 && want)) {
		x->rc = err_set(x->err, EIO, "%s: the file being sent is shorter than it was", x->q->url);
		return CURL_READFUNC_ABORT;
	}
	x->sent += (uint64_t)n;
	if (x->q->told)
		x->q->told(x->q->told_ctx, x->sent);
	return (size_t)n;
}

static int on_seek(void *ctx, curl_off_t offset, int origin)
{
	struct exchange *x = ctx;
	if (origin != SEEK_SET || offset < 0 || (uint64_t)offset > x->q->size)
		return CURL_SEEKFUNC_FAIL;
	x->sent = (uint64_t)offset;
	return CURL_SEEKFUNC_OK;
}

static int on_progress(void *ctx, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
	const struct exchange *x = ctx;
	return x->http->opt.cancel && atomic_load(x->http->opt.cancel);
}

/* curl 7.81 opens sockets without SOCK_CLOEXEC: a credential helper would inherit them. */
static int on_socket(void *ctx, curl_socket_t fd, curlsocktype purpose)
{
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	return CURL_SOCKOPT_OK;
}

/* --- one exchange --- */

static void set_proxy(CURL *c, const char *url)
{
	const char *host = strstr(url, "://");
	if (host && host_is_loopback(host + 3))
		curl_easy_setopt(c, CURLOPT_NOPROXY, "*"); /* as docker: a proxy cannot reach our loopback */
	else if (str_starts(url, "http:") && !getenv("http_proxy") && !getenv("all_proxy") &&
		 getenv("HTTP_PROXY"))
		curl_easy_setopt(
			c, CURLOPT_PROXY, getenv("HTTP_PROXY")); /* curl looks at the small name only */
}

static void set_trust(CURL *c, const struct http *h)
{
	if (h->opt.insecure) {
		curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, 0L);
		curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, 0L);
	}
	if (h->ca_pem) {
		struct curl_blob blob = { h->ca_pem, strlen(h->ca_pem), CURL_BLOB_NOCOPY };
		curl_easy_setopt(c, CURLOPT_CAINFO_BLOB, &blob);
	}
	if (h->client_cert && h->client_key) {
		curl_easy_setopt(c, CURLOPT_SSLCERT, h->client_cert);
		curl_easy_setopt(c, CURLOPT_SSLKEY, h->client_key);
	}
}

static void set_body(CURL *c, struct exchange *x)
{
	const char *method = x->q->method ? x->q->method : "GET";
	if (!strcmp(method, "HEAD")) {
		curl_easy_setopt(c, CURLOPT_NOBODY, 1L);
		return;
	}
	if (strcmp(method, "GET") && strcmp(method, "DELETE")) {
		curl_easy_setopt(c, CURLOPT_UPLOAD, 1L);
		curl_easy_setopt(c, CURLOPT_INFILESIZE_LARGE, (curl_off_t)x->q->size);
		curl_easy_setopt(c, CURLOPT_READFUNCTION, on_read);
		curl_easy_setopt(c, CURLOPT_READDATA, x);
		curl_easy_setopt(c, CURLOPT_SEEKFUNCTION, on_seek);
		curl_easy_setopt(c, CURLOPT_SEEKDATA, x);
		curl_easy_setopt(c, CURLOPT_UPLOAD_BUFFERSIZE, 256L << 10);
	}
	curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, method);
	if (!x->q->sink)
		curl_easy_setopt(c, CURLOPT_TIMEOUT,
			(long)MEMORY_REPLY_SECONDS +
				(long)(x->q->size >> 16)); /* uploads: 64 KiB/s at least */
}

static struct curl_slist *make_headers(const struct http_request *q, bool same_origin)
{
	struct curl_slist *list = curl_slist_append(NULL, "Expect:"); /* no pause of a second before a body */
	for (size_t i = 0; q->headers && q->headers[i]; i++)
		list = curl_slist_append(list, q->headers[i]);
	if (q->authorization && same_origin) {
		_cleanup_free_ char *line = xasprintf("Authorization: %s", q->authorization);
		list = curl_slist_append(list, line);
	}
	return list;
}

static void set_common(CURL *c, struct exchange *x, const char *url, struct curl_slist *headers)
{
	const struct http_options *o = &x->http->opt;
	curl_easy_setopt(c, CURLOPT_URL, url);
#if LIBCURL_VERSION_NUM >= 0x075500
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https"); /* a redirect to file:// reads nothing */
#else
	curl_easy_setopt(c, CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(c, CURLOPT_USERAGENT, "minictr/1 (docker distribution client)");
	curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, (long)o->connect_seconds);
	curl_easy_setopt(c, CURLOPT_LOW_SPEED_LIMIT, 64L);
	curl_easy_setopt(c, CURLOPT_LOW_SPEED_TIME, (long)o->stall_seconds);
	curl_easy_setopt(c, CURLOPT_BUFFERSIZE, 256L << 10);
	curl_easy_setopt(c, CURLOPT_ERRORBUFFER, x->text);
	curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(c, CURLOPT_HEADERDATA, x);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, x);
	curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, on_progress);
	curl_easy_setopt(c, CURLOPT_XFERINFODATA, x);
	curl_easy_setopt(c, CURLOPT_SOCKOPTFUNCTION, on_socket);
	set_proxy(c, url);
	set_trust(c, x->http);
	set_body(c, x);
}

/* What a failure of curl means, in our words. Returns -errno. */
static int explain_failure(CURLcode code, const struct exchange *x, const char *url)
{
	const char *text = x->text[0] ? x->text : curl_easy_strerror(code);
	struct mc_err *err = x->err;
	switch (code) {
	case CURLE_ABORTED_BY_CALLBACK: return err_set(err, ECANCELED, "%s: stopped", url);
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_RESOLVE_PROXY:
		err_set(err, EHOSTUNREACH, "%s: %s", url, text);
		return err_hint(err,
			"check the name, the network and DNS (proxies come from https_proxy and no_proxy)");
	case CURLE_COULDNT_CONNECT:
		err_set(err, ECONNREFUSED, "%s: %s", url, text);
		return err_hint(err, "no registry answers there: check host and port, and whether it runs");
	case CURLE_SSL_CACERT_BADFILE: /* says nothing about the registry, not even that it speaks TLS */
		err_set(err, ENOENT, "%s: tls: the CA certificates of this machine cannot be read: %s", url,
			text);
		return err_hint(err, "install the package ca-certificates");
	case CURLE_PEER_FAILED_VERIFICATION:
		err_set(err, EKEYREJECTED, "%s: tls: the certificate cannot be verified: %s", url, text);
		return err_hint(err, "put the registry's CA into /etc/minictr/certs.d/HOST:PORT/ca.crt, or "
				     "use --tls-verify=false on a network you trust");
	case CURLE_SSL_CONNECT_ERROR:
		err_set(err, EPROTO, "%s: no TLS connection: %s", url, text);
		return err_hint(err, "if the registry speaks plain HTTP, use --tls-verify=false or list it "
				     "under insecure-registries in the config file");
	case CURLE_OPERATION_TIMEDOUT: return err_set(err, ETIMEDOUT, "%s: timed out: %s", url, text);
	default: return err_set(err, ECONNRESET, "%s: the connection broke: %s", url, text);
	}
}

/* One request to one address. 0 when a whole reply came. */
static int exchange_once(struct exchange *x, const char *url, bool same_origin)
{
	struct curl_slist *headers = make_headers(x->q, same_origin);
	CURL *c = handle_take(x->http);
	curl_off_t connected = 0, asked = 0;
	CURLcode code;
	x->sent = 0;
	x->rc = 0;
	x->text[0] = 0;
	x->reply->status = 0;
	x->reply->length = UINT64_MAX;
	buf_clear(&x->reply->body);
	set_common(c, x, url, headers);
	code = curl_easy_perform(c);
	/* Of a connection that was kept from an earlier request the time to connect is 0, too. */
	curl_easy_getinfo(c, CURLINFO_CONNECT_TIME_T, &connected);
	curl_easy_getinfo(c, CURLINFO_PRETRANSFER_TIME_T, &asked);
	handle_give(x->http, c);
	curl_slist_free_all(headers);
	if (x->rc < 0)
		return x->rc;
	if (code == CURLE_OPERATION_TIMEDOUT && connected == 0 && asked == 0)
		code = CURLE_COULDNT_CONNECT; /* no server there: trying again would only take time */
	return code == CURLE_OK ? 0 : explain_failure(code, x, url);
}

static bool is_redirect(long status)
{
	return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

/* A password or token on a line that others can read is worse than no image. */
static int refuse_plain(const struct exchange *x, const char *url)
{
	if (!x->q->authorization || !str_starts(url, "http://") || x->http->opt.insecure ||
		host_is_loopback(url + 7))
		return 0;
	err_set(x->err, EACCES, "%s: wants a login over plain HTTP, where anyone on the way could read it",
		url);
	return err_hint(x->err,
		"on a network you trust: --tls-verify=false, or insecure-registries in the config file");
}

/* Follows redirects; leaves the last address in reply->url. */
static int exchange_hops(struct exchange *x)
{
	_cleanup_free_ char *origin = url_origin(x->q->url), *url = xstrdup(x->q->url);
	bool same = true;
	int hop, rc;
	for (hop = 0; hop < MAX_HOPS; hop++) {
		_cleanup_free_ char *location = NULL, *next = NULL, *there = NULL;
		free(x->reply->url);
		x->reply->url = xstrdup(url);
		rc = same ? refuse_plain(x, url) : 0;
		if (rc == 0)
			rc = exchange_once(x, url, same);
		if (rc < 0 || x->q->stay || !is_redirect(x->reply->status))
			return rc;
		location = http_header(x->reply, "Location", 0);
		next = location ? url_join(url, location) : NULL;
		if (!next || (!str_starts(next, "https://") && !str_starts(next, "http://")))
			return err_set(x->err, EPROTO, "%s: redirect (%ld) to no usable address", url,
				x->reply->status);
		if (str_starts(url, "https://") && str_starts(next, "http://") && !x->http->opt.insecure)
			return err_set(x->err, EPROTO,
				"%s: redirect from https to %s refused: anyone could listen", url, next);
		there = url_origin(next);
		same = same && str_eq(origin, there); /* once elsewhere, the token stays at home for good */
		free(url);
		url = take_ptr(&next);
	}
	return err_set(x->err, ELOOP, "%s: more than %d redirects", x->q->url, MAX_HOPS);
}

/* --- trying again --- */

static bool failure_passes(const struct http_request *q, int rc)
{
	return rc == -ETIMEDOUT || rc == -ECONNRESET || (q->patient && rc == -ECONNREFUSED);
}

static bool status_passes(long status)
{
	return status == 429 || status == 408 || status == 500 || status == 502 || status == 503 ||
	       status == 504;
}

/* Milliseconds the server asked us to wait, or our own growing pause (0.25, 0.5, 1, 2 s ...). */
static uint64_t pause_ms(const struct http_reply *r, unsigned attempt)
{
	_cleanup_free_ char *after = http_header(r, "Retry-After", 0);
	uint64_t seconds;
	time_t when;
	if (after && parse_u64(after, &seconds) == 0)
		return seconds > 86400 ? 86400000 : seconds * 1000;
	if (after && (when = curl_getdate(after, NULL)) > time(NULL))
		return (uint64_t)(when - time(NULL)) * 1000;
	return 250ULL << (attempt < 6 ? attempt : 6);
}

/* Sleeps in slices, so that another thread's failure or Ctrl-C ends the wait. */
static void pause_for(const struct http *h, uint64_t ms)
{
	uint64_t end = now_ns(CLOCK_MONOTONIC) + ms * 1000000;
	while (now_ns(CLOCK_MONOTONIC) < end && !(h->opt.cancel && atomic_load(h->opt.cancel)))
		nanosleep(&(struct timespec){ .tv_nsec = 20000000 }, NULL);
}

int http_send(struct http *h, const struct http_request *q, struct http_reply *ret, struct mc_err *err)
{
	struct exchange x = { .http = h, .q = q, .reply = ret, .err = err };
	struct mc_err first;
	unsigned attempt;
	uint64_t ms;
	int rc;
	for (attempt = 1;; attempt++) {
		x.err = &first; /* *err stays untouched when a later attempt succeeds */
		if (h->opt.cancel && atomic_load(h->opt.cancel))
			rc = err_set(&first, ECANCELED, "%s: stopped", q->url);
		else
			rc = exchange_hops(&x);
		if (rc == 0 && !status_passes(ret->status))
			return 0;
		if (rc < 0 && (!failure_passes(q, rc) || x.delivered))
			break;
		ms = pause_ms(ret, attempt - 1);
		if (q->once || attempt >= h->opt.attempts || ms > (uint64_t)h->opt.max_wait_seconds * 1000)
			break;
		pause_for(h, ms);
	}
	if (rc < 0)
		*err = first;
	return rc;
}

int http_get(struct http *h, const char *url, const char *authorization, struct http_reply *ret,
	struct mc_err *err)
{
	return http_send(h, &(struct http_request){ .url = url, .authorization = authorization }, ret, err);
}

char *http_header(const struct http_reply *r, const char *name, unsigned nth)
{
	const char *line = r->head.data, *end;
	size_t len = strlen(name);
	for (; line && *line; line = end + 1) {
		end = strchr(line, '\n');
		if (!end)
			break;
		if (!strncasecmp(line, name, len) && line[len] == ':' && nth-- == 0) {
			line += len + 1;
			line += strspn(line, " \t");
			return xstrndup(line, line < end ? (size_t)(end - line) : 0);
		}
	}
	return NULL;
}

void http_reply_release(struct http_reply *r)
{
	buf_release(&r->head);
	buf_release(&r->body);
	free(r->url);
	memset(r, 0, sizeof(*r));
}
