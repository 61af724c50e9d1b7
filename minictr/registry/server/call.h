/*
 * server/call.h - one request to `minictr registry serve`, from its first line to its reply; and what all
 * requests share.
 *
 * The server serves the engine's own images over distribution-spec 1.1. The store is the engine's
 * (image/store.h), nothing is copied. A repository is the path of an image name whatever its host: an image
 * docker.io/library/busybox:1 is served as library/busybox:1 and as busybox:1. What is pushed lands in the
 * store under the server's own name (localhost:5000/PATH:TAG): a push never replaces an image that the
 * engine had from elsewhere, and is served before it.
 *
 * One thread per connection, a bounded number of them; each request holds one small buffer (manifests: a
 * document). All state is in the store: after kill -9 at any time there is half an upload, which its client
 * may go on with.
 */
#ifndef MC_REGISTRY_CALL_H
#define MC_REGISTRY_CALL_H

#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>

#include "base/buf.h"
#include "base/json.h"
#include "image/store.h"
#include "registry/server/requests.h"

struct server {
	int store;                     /* borrowed */
	const char *host;              /* what pushed names begin with: "localhost:5000" */
	const char *proxy;             /* address of the registry behind us; NULL: none */
	bool read_only;                /* pushes answer 405 */
	bool may_delete;               /* DELETE of our own tags, manifests and blobs */
	bool loopback;                 /* listens on loopback only: requests must name a loopback host */
	uint64_t max_blob;             /* bytes; larger uploads are refused */
	void (*log)(const char *line); /* is told each request; called by many threads; NULL: none */
	atomic_int documents;          /* manifests in memory now */
	pthread_mutex_t busy_lock;     /* guards the next two */
	int busy;                      /* store_busy() while blobs come in; -1 */
	uint64_t busy_since;           /* CLOCK_MONOTONIC ns of the last write */
};

struct call {
	struct server *server;
	struct MHD_Connection *connection;
	const char *method;
	struct route route;
	char **headers;  /* "Name: value" of the reply; owned */
	int status;      /* of the reply, for the log */
	int upload;      /* file being appended to; -1 */
	uint64_t size;   /* its length */
	bool collecting; /* body goes into document */
	struct buf document;
	struct mc_err err; /* first failure while the body came */
	int rc;            /* of it */
};

/* --- replies: each queues the reply and returns MHD's verdict --- */
enum MHD_Result answer_empty(struct call *c, int status);
enum MHD_Result answer_json(struct call *c, int status, const struct json *doc, const char *type);
enum MHD_Result answer_error(struct call *c, int status, const char *code, const char *message);
/* Sends size bytes of fd (taken over) from offset. */
enum MHD_Result answer_file(struct call *c, int status, int fd, uint64_t offset, uint64_t size);
/* Our own failure: 500, 507 when the disk is full. */
enum MHD_Result answer_failure(struct call *c, const struct mc_err *err);
void answer_header(struct call *c, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* --- what the client sent; borrowed, NULL when absent --- */
const char *call_query(const struct call *c, const char *key);
const char *call_header(const struct call *c, const char *key);
/* All values of a query parameter; caller strv_free()s. */
char **call_queries(const struct call *c, const char *key);

/* Holds off garbage collection for some minutes. */
void server_writes(struct server *s);
/* Lets go when nothing was written for five minutes. */
void server_idle(struct server *s);

#endif
