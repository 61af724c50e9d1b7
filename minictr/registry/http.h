/*
 * http.h - HTTP(S) requests, the one door to libcurl(3).
 *
 * A `struct http` is a pool of connections with the settings that hold for one registry (certificates,
 * verification, patience). It is safe to use from several threads: each request takes an idle connection or
 * opens a new one.
 *
 *     _cleanup_http_reply_ struct http_reply reply = {0};
 *     rc = http_send(http, &(struct http_request){.url = url, .authorization = token}, &reply, err);
 *     if (rc == 0 && reply.status == 200) use reply.body;
 *
 * What it takes care of: redirects (RFC 9110, 15.4) without carrying Authorization to another origin or
 * falling from https to http; retries with growing pauses; 429 and 503 with Retry-After; proxies from the
 * environment; limits on headers, on bodies kept in memory, on silence. A reply of any status is a success
 * here: the caller judges it. Errors are those of the transport.
 */
#ifndef MC_REGISTRY_HTTP_H
#define MC_REGISTRY_HTTP_H

#include <stdatomic.h>
#include "base/buf.h"
#include "base/err.h"

struct http;

struct http_options {
	bool insecure;      /* certificates are not verified */
	const char *ca_dir; /* *.crt in here are trusted beside the host's; client.cert/.key; NULL for none */
	unsigned attempts;  /* tries per request; 0 means 5 */
	unsigned connect_seconds;  /* 0 means 15 */
	unsigned stall_seconds;    /* less than 64 bytes a second for so long is a failure; 0 means 30 */
	unsigned max_wait_seconds; /* longest Retry-After that is waited for; 0 means 60 */
	const atomic_bool *cancel; /* true makes running requests fail with -ECANCELED; NULL for none */
};

struct http_reply {
	long status;     /* of the last hop */
	struct buf head; /* its header lines, separated by \n */
	struct buf body; /* unless a sink took it; error bodies always land here, at most 64 KiB */
	char *url;       /* of the last hop; owned */
	uint64_t length; /* Content-Length; UINT64_MAX when not told */
};

/* Takes a piece of a 2xx body as it arrives. Returns 0 or -errno with *err filled, which ends the request. */
typedef int http_sink(
	void *ctx, const struct http_reply *reply, const void *data, size_t len, struct mc_err *err);

struct http_request {
	const char *method;        /* NULL means GET */
	const char *url;           /* http:// or https:// */
	const char *authorization; /* value of the header; sent to the origin of url only */
	char *const *headers;      /* further "Name: value" lines, sent on every hop; may be NULL */
	const void *data;          /* body from memory, or */
	int fd;          /* body from a file (pread(2): repeatable) when data is NULL and size > 0 */
	uint64_t offset; /* where in fd the body begins */
	uint64_t size;   /* bytes of the body */
	http_sink *sink; /* receives 2xx bodies; NULL keeps them in reply->body */
	void *ctx;       /* first argument of sink */
	/* Hears how much of the body went out so far, for progress; may be NULL. It starts anew with each try. */
	void (*told)(void *told_ctx, uint64_t sent);
	void *told_ctx;
	size_t max_body; /* limit of reply->body; 0 means 8 MiB */
	bool once;       /* no retries: the caller has a better way of going on */
	bool patient; /* "connection refused" is retried, too: this registry has just answered, it may restart */
	bool stay;    /* redirects are not followed, but returned */
};

/* Never fails but for memory. o is copied, strings included. Free it after the last request has returned. */
struct http *http_new(const struct http_options *o);
void http_free(struct http *http);

/*
 * Sends a request and waits for the reply. Returns 0 for a reply of any status. Fails with -EHOSTUNREACH
 * (name not found), -ECONNREFUSED, -EKEYREJECTED (certificate), -EPROTO (no TLS spoken), -ETIMEDOUT,
 * -ECONNRESET (cut off), -EFBIG (over a limit), -ELOOP (redirects), -ECANCELED, or what the sink returned.
 */
int http_send(struct http *http, const struct http_request *q, struct http_reply *ret, struct mc_err *err);

/* Plain GET into memory: what most callers want. authorization may be NULL. */
int http_get(struct http *http, const char *url, const char *authorization, struct http_reply *ret,
	struct mc_err *err);

/* Value of a reply header (case of the name does not matter), copied; NULL when absent. nth counts from 0. */
char *http_header(const struct http_reply *r, const char *name, unsigned nth);

void http_reply_release(struct http_reply *r);
#define _cleanup_http_reply_ __attribute__((cleanup(http_reply_release)))

#endif
