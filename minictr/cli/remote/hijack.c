/*
 * hijack.c - a connection that stops being HTTP: attach and exec.
 *
 * libcurl makes the connection (socket, TCP, TLS, ssh) and hands it over (CURLOPT_CONNECT_ONLY(3)); the
 * request with "Upgrade: tcp" is written here. Behind the answer's head the connection carries the program's
 * bytes. A daemon may send the first of them together with the head: what was read too far is kept.
 * 200 instead of 101 is right, too (RFC 9110, 7.8: a server may ignore Upgrade): docker's daemon then uses
 * the connection the same way.
 * Left out: chunked answers; no daemon sends one there.
 */
#include "cli/remote/client.h"

#include <curl/curl.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>

enum { HEAD_MOST = 64 << 10, PATIENCE_MS = 60000 };

struct hijack {
	CURL *curl;
	struct buf ahead; /* bytes behind the head that came with it */
	curl_socket_t fd;
};

int hijack_fd(const struct hijack *h) { return (int)h->fd; }

ssize_t hijack_read(struct hijack *h, void *data, size_t len)
{
	size_t n = 0;
	if (h->ahead.len) {
		n = h->ahead.len < len ? h->ahead.len : len;
		memcpy(data, h->ahead.data, n);
		buf_trim_front(&h->ahead, n);
		return (ssize_t)n;
	}
	CURLcode code = curl_easy_recv(h->curl, data, len, &n);
	/* a daemon that is killed resets the connection: for us that is its end */
	return code == CURLE_AGAIN ? -EAGAIN : code == CURLE_OK ? (ssize_t)n : 0;
}

ssize_t hijack_write(struct hijack *h, const void *data, size_t len)
{
	size_t n = 0;
	CURLcode code = curl_easy_send(h->curl, data, len, &n);
	return code == CURLE_OK ? (ssize_t)n : code == CURLE_AGAIN ? -EAGAIN : -EPIPE;
}

void hijack_end_input(struct hijack *h)
{
	struct curl_tlssessioninfo *tls = NULL;
	/*
	 * with TLS the half that is closed is TLS's own: close_notify. The socket's would cut the other half,
	 * too.
	 */
	if (curl_easy_getinfo(h->curl, CURLINFO_TLS_SSL_PTR, &tls) == CURLE_OK && tls && tls->internals)
		SSL_shutdown(tls->internals);
	else
		shutdown((int)h->fd, SHUT_WR);
}

void hijack_close(struct hijack *h)
{
	if (!h)
		return;
	curl_easy_cleanup(h->curl);
	buf_release(&h->ahead);
	free(h);
}

static int wait_for(struct hijack *h, short events, struct mc_err *err)
{
	struct pollfd p = { .fd = (int)h->fd, .events = events };
	int rc;
	do
		rc = poll(&p, 1, PATIENCE_MS);
	while (rc < 0 && errno == EINTR);
	return rc > 0 ? 0 : err_set(err, rc ? errno : ETIMEDOUT, "the daemon does not answer");
}

static int send_all(struct hijack *h, const struct buf *b, struct mc_err *err)
{
	for (size_t at = 0; at < b->len;) {
		ssize_t n = hijack_write(h, b->data + at, b->len - at);
		if (n == -EAGAIN && wait_for(h, POLLOUT, err) < 0)
			return -err->code;
		if (n < 0 && n != -EAGAIN)
			return err_set(err, EPIPE, "the daemon closed the connection");
		at += n > 0 ? (size_t)n : 0;
	}
	return 0;
}

/* Reads until the empty line. *ret_end: where in h->ahead the body begins. */
static int read_head(struct hijack *h, size_t *ret_end, struct mc_err *err)
{
	char piece[4096];
	struct buf head = { 0 };
	const char *end = NULL;
	while (!end) {
		ssize_t n = hijack_read(h, piece, sizeof(piece));
		if (n == -EAGAIN && wait_for(h, POLLIN, err) < 0)
			break;
		if (n == 0)
			err_set(err, ECONNRESET, "the daemon closed the connection without an answer");
		if (n == 0)
			break;
		if (n > 0)
			buf_add(&head, piece, (size_t)n);
		end = head.data ? memmem(head.data, head.len, "\r\n\r\n", 4) : NULL;
		if (!end && head.len > HEAD_MOST)
			err_set(err, EFBIG, "the head of the daemon's answer is too long");
		if (!end && head.len > HEAD_MOST)
			break;
	}
	buf_release(&h->ahead);
	h->ahead = head;
	*ret_end = end ? (size_t)(end + 4 - head.data) : 0;
	return end ? 0 : -err->code;
}

/* The daemon refuses: its message may still be under way; it ends with the connection, or is short. */
static int refused(struct hijack *h, long status, struct mc_err *err)
{
	char piece[4096];
	ssize_t n = 1;
	while (h->ahead.len < HEAD_MOST && !(h->ahead.len && strchr(h->ahead.data, '}')) && n != 0) {
		struct pollfd p = { .fd = (int)h->fd, .events = POLLIN };
		if (poll(&p, 1, 2000) <= 0)
			break;
		struct buf kept = h->ahead;
		h->ahead = (struct buf){ 0 };
		n = hijack_read(h, piece, sizeof(piece));
		h->ahead = kept;
		if (n > 0)
			buf_add(&h->ahead, piece, (size_t)n);
	}
	const char *open = h->ahead.data ? strchr(h->ahead.data, '{') : NULL;
	const char *close = open ? strrchr(open, '}') : NULL;
	return client_refused(status, open, close ? (size_t)(close + 1 - open) : 0, err);
}

static int handshake(struct hijack *h, const char *path, unsigned minor, const char *text, struct mc_err *err)
{
	_cleanup_buf_ struct buf request = { 0 };
	size_t end;
	buf_addf(&request,
		"POST /v1.%u%s HTTP/1.1\r\nHost: localhost\r\nUser-Agent: minictr/" MINICTR_VERSION "\r\n"
		"Connection: Upgrade\r\nUpgrade: tcp\r\nContent-Type: %s\r\nContent-Length: %zu\r\n\r\n%s",
		minor, path, *text ? "application/json" : "text/plain", strlen(text), text);
	int rc = send_all(h, &request, err);
	if (rc == 0)
		rc = read_head(h, &end, err);
	if (rc < 0)
		return rc;
	long status = str_starts(h->ahead.data, "HTTP/1.") && h->ahead.len > 12
			      ? strtol(h->ahead.data + 8, NULL, 10)
			      : 0;
	buf_trim_front(&h->ahead, end);
	if (status != 101 && status != 200)
		return refused(h, status, err);
	return 0;
}

int hijack_open(
	struct client *c, const char *path, const struct json *body, struct hijack **ret, struct mc_err *err)
{
	char detail[CURL_ERROR_SIZE] = "";
	_cleanup_free_ char *text = body ? json_dump(body, false) : xstrdup("");
	struct hijack *h = xcalloc(1, sizeof(*h));
	h->curl = curl_easy_init();
	client_setup(c, h->curl, c->base);
	curl_easy_setopt(h->curl, CURLOPT_CONNECT_ONLY, 1L);
	curl_easy_setopt(h->curl, CURLOPT_ERRORBUFFER, detail);
	CURLcode code = curl_easy_perform(h->curl);
	int rc = code == CURLE_OK ? 0 : client_lost(c, h->curl, (int)code, detail, err);
	curl_easy_setopt(h->curl, CURLOPT_ERRORBUFFER, NULL);
	if (rc == 0 && curl_easy_getinfo(h->curl, CURLINFO_ACTIVESOCKET, &h->fd) != CURLE_OK)
		rc = err_set(err, EIO, "the connection was not handed over");
	if (rc == 0)
		rc = handshake(h, path, c->minor, text, err);
	if (rc < 0) {
		hijack_close(h);
		return rc;
	}
	*ret = h;
	return 0;
}
