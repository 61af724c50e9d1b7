/*
 * carry.c - see carry.h.
 *
 * Why not the HTTP library's own TLS: its raw connections do not tell the end of a client's input, so
 * `echo x | docker run -i IMAGE cat` would never end. Here close_notify (RFC 8446, 6.1) becomes
 * shutdown(SHUT_WR) towards the daemon, and the daemon's end becomes close_notify towards the client.
 *
 * Man pages: SSL_read(3), SSL_get_error(3), SSL_shutdown(3), shutdown(2), tcp(7), epoll(7).
 * Order and why: the daemon hears of a client after its handshake only, so that no HTTP is read from one
 * without a certificate. A side is not read while the other one is slow: memory is two buffers a client.
 */
#include "daemon/carry.h"

#include <openssl/err.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/sys.h"
#include "base/util.h"
#include "daemon/job_message.h"

/*
 * Seconds: for a handshake; after a TCP end without close_notify; for a client to take the end of its answer.
 */
enum { SHAKE_TIME = 30, FIN_TIME = 1, LAST_TIME = 5 };

/* --- the end --- */

static void drop(struct carry *c)
{
	if (c->gone)
		return;
	c->gone = true;
	loop_drop(&c->front->loop, &c->client);
	loop_drop(&c->front->loop, &c->daemon);
}

static bool times_out(const struct carry *c, uint64_t now)
{
	uint64_t idle = (now - c->moved) / 1000000000ULL;
	if (c->pair < 0)
		return idle >= SHAKE_TIME;
	/*
	 * A raw connection may be silent for hours after its input has ended: tcp(7) keepalive finds dead
	 * ones.
	 */
	return (c->down.closed && idle >= LAST_TIME) || (c->fin && !c->raw && idle >= FIN_TIME);
}

size_t carry_sweep(struct front *f)
{
	uint64_t now = now_ns(CLOCK_MONOTONIC);
	f->count = 0;
	for (struct carry **at = &f->all; *at;) {
		struct carry *c = *at;
		if (!c->gone && times_out(c, now))
			drop(c);
		if (!c->gone) {
			f->count++;
			at = &c->next;
			continue;
		}
		*at = c->next;
		close_fd(SSL_get_fd(c->ssl));
		close_fd(c->pair);
		SSL_free(c->ssl);
		free(c);
	}
	return f->count;
}

/* --- the handshake --- */

/* The client's certificate was accepted: the daemon gets one end of a pair of sockets. */
static int hand_over(struct carry *c)
{
	int pair[2];
	struct job_message m = { .kind = MESSAGE_CLIENT };
	struct mc_err err = { 0 };
	int rc = sys_socketpair(SOCK_STREAM | SOCK_NONBLOCK, pair, &err);
	if (rc < 0)
		return rc;
	rc = job_message_send(c->front->control, &m, pair[1], &err);
	close_fd(pair[1]);
	if (rc < 0)
		return close_fd(pair[0]), rc;
	c->pair = pair[0];
	return 0;
}

static void refuse(struct carry *c)
{
	static const char plain[] = "HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\n"
				    "Connection: close\r\n\r\n{\"message\":\"this address speaks TLS with "
				    "client certificates only\"}\n";
	unsigned long code = ERR_peek_error();
	const char *why = ERR_reason_error_string(code);
	if (ERR_GET_REASON(code) == SSL_R_HTTP_REQUEST)
		(void)!write(SSL_get_fd(c->ssl), plain, sizeof(plain) - 1);
	if (ERR_GET_REASON(code) == SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE)
		why = "no client certificate; who uses this address can become root here, so one is needed";
	fprintf(stderr, "minictrd-tls: %s: %s\n", c->peer,
		why ? why : "the client left during the handshake");
	drop(c);
}

/* --- bytes --- */

/* What SSL_read() or SSL_write() said: 1 go on later, 0 the client has ended, -1 it is lost. */
static int tls_state(struct carry *c, int rc)
{
	switch (SSL_get_error(c->ssl, rc)) {
	case SSL_ERROR_WANT_WRITE: c->wants_write = true; return 1;
	case SSL_ERROR_WANT_READ: return 1;
	case SSL_ERROR_ZERO_RETURN: return 0;
	default: return -1;
	}
}

/* Each returns true when something moved. */
static bool read_client(struct carry *c)
{
	struct way *w = &c->up;
	if (w->len || w->ended)
		return false;
	ERR_clear_error();
	int n = SSL_read(c->ssl, w->data, sizeof(w->data));
	if (n > 0) {
		w->len = (size_t)n;
		w->sent = 0;
		return true;
	}
	int state = tls_state(c, n);
	w->ended = state == 0;
	if (state < 0)
		drop(c);
	return w->ended;
}

static bool write_daemon(struct carry *c)
{
	struct way *w = &c->up;
	if (w->ended && !w->len && !w->closed) {
		w->closed = true;
		shutdown(c->pair, SHUT_WR);
	}
	if (!w->len)
		return false;
	ssize_t n = send(c->pair, w->data + w->sent, w->len, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (n < 0 && errno == EAGAIN)
		return false;
	/* It reads no more; what the client still sends is let pass, because the answer may be under way. */
	size_t done = n < 0 ? w->len : (size_t)n;
	w->sent += done;
	w->len -= done;
	return true;
}

static bool read_daemon(struct carry *c)
{
	struct way *w = &c->down;
	if (w->len || w->ended)
		return false;
	ssize_t n = recv(c->pair, w->data, sizeof(w->data), MSG_DONTWAIT);
	if (n < 0 && errno == EAGAIN)
		return false;
	w->ended = n <= 0;
	w->len = n > 0 ? (size_t)n : 0;
	w->sent = 0;
	if (!c->raw && w->len >= 12)
		c->raw = memcmp(w->data, "HTTP/1.1 101", 12) == 0;
	return true;
}

static bool write_client(struct carry *c)
{
	struct way *w = &c->down;
	if (w->ended && !w->len && !w->closed) {
		w->closed = true;
		SSL_shutdown(c->ssl);
		shutdown(SSL_get_fd(c->ssl), SHUT_WR);
	}
	if (!w->len)
		return false;
	ERR_clear_error();
	int n = SSL_write(c->ssl, w->data + w->sent, (int)w->len);
	if (n <= 0) {
		if (tls_state(c, n) < 1)
			drop(c);
		return false;
	}
	w->sent += (size_t)n;
	w->len -= (size_t)n;
	return true;
}

/* --- events --- */

/* What is not asked for is not watched: a hang-up would be told again and again. */
static void watch(struct carry *c)
{
	struct mc_err ignored = { 0 };
	struct loop *l = &c->front->loop;
	bool takes = !c->up.len && !c->up.ended, gives = c->pair >= 0 && c->down.len;
	uint32_t client = (takes ? EPOLLIN : 0) | (c->wants_write || gives ? EPOLLOUT : 0) |
			  (c->up.ended && !c->fin ? EPOLLRDHUP : 0);
	uint32_t daemon = (!c->down.len && !c->down.ended ? EPOLLIN : 0) | (c->up.len ? EPOLLOUT : 0);
	loop_watch(l, &c->client, SSL_get_fd(c->ssl), client, &ignored);
	if (c->pair >= 0 && daemon)
		loop_watch(l, &c->daemon, c->pair, daemon, &ignored);
	else
		loop_drop(l, &c->daemon);
}

static void shake(struct carry *c)
{
	ERR_clear_error();
	int rc = SSL_accept(c->ssl);
	if (rc == 1 ? hand_over(c) < 0 : tls_state(c, rc) < 1)
		refuse(c);
}

static void step(struct carry *c)
{
	/* One client does not keep the others waiting. */
	int rounds = 8;
	bool moved = true;
	c->wants_write = false;
	if (c->pair < 0)
		shake(c);
	while (!c->gone && c->pair >= 0 && moved && rounds--) {
		moved = read_client(c) | write_daemon(c) | read_daemon(c) | write_client(c);
		if (moved && !c->down.closed)
			c->moved = now_ns(CLOCK_MONOTONIC);
	}
	if (c->down.closed && c->up.ended)
		drop(c);
	if (!c->gone)
		watch(c);
}

static void on_client(struct source *s, uint32_t events)
{
	struct carry *c = s->owner;
	if (events & (EPOLLERR | EPOLLHUP)) {
		drop(c);
		return;
	}
	if (events & EPOLLRDHUP)
		c->fin = true;
	step(c);
}

static void on_daemon(struct source *s, uint32_t events) { step(s->owner); }

void carry_begin(struct front *f, int fd, const char *peer)
{
	struct carry *c = xcalloc(1, sizeof(*c));
	*c = (struct carry){ .front = f, .next = f->all, .pair = -1, .ssl = SSL_new(f->tls) };
	c->client = (struct source){ .fd = -1, .ready = on_client, .owner = c };
	c->daemon = (struct source){ .fd = -1, .ready = on_daemon, .owner = c };
	c->moved = now_ns(CLOCK_MONOTONIC);
	snprintf(c->peer, sizeof(c->peer), "%s", peer);
	SSL_set_fd(c->ssl, fd);
	f->all = c;
	f->count++;
	step(c);
}
