/*
 * server/server.h - `minictr registry serve`: the engine's own images over distribution-spec 1.1.
 *
 * The store is the engine's (image/store.h), nothing is copied. A repository is the path of an image name whatever its host: an image
 * docker.io/library/busybox:1 is served as library/busybox:1 and as busybox:1. What is pushed lands in
 * the store under the server's own name (localhost:5000/PATH:TAG), so a push never replaces an image that the engine
 * had from elsewhere, and wins over it in what is served.
 *
 * One thread per connection, a bounded number of them; each request holds one small buffer (manifests: a document). All
 * state is in the store: kill -9 at any time leaves half an upload, which its client may go on with.
 */
#ifndef MC_REGISTRY_SERVER_H
#define MC_REGISTRY_SERVER_H

#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>

#include "base/buf.h"
#include "base/json.h"
#include "image/store.h"

struct server {
	int store;                 /* borrowed */
	const char *host;          /* what pushed names begin with: "localhost:5000" */
	const char *proxy;         /* address of the registry behind us; NULL: none */
	bool read_only;            /* pushes answer 405 */
	bool may_delete;           /* DELETE of our own tags and manifests */
	bool quiet;                /* no line per request on stderr */
	atomic_int documents;      /* manifests in memory now */
	pthread_mutex_t busy_lock; /* guards the next two */
	int busy;                  /* store_busy() while blobs come in; -1 */
	uint64_t busy_since;       /* CLOCK_MONOTONIC ns of the last write */
};

enum route_kind {
	ROUTE_NONE,
	ROUTE_BASE,      /* /v2/ */
	ROUTE_CATALOG,   /* /v2/_catalog */
	ROUTE_TAGS,      /* /v2/NAME/tags/list */
	ROUTE_MANIFEST,  /* /v2/NAME/manifests/REFERENCE */
	ROUTE_BLOB,      /* /v2/NAME/blobs/DIGEST */
	ROUTE_UPLOADS,   /* /v2/NAME/blobs/uploads/ */
	ROUTE_UPLOAD,    /* /v2/NAME/blobs/uploads/ID */
	ROUTE_REFERRERS, /* /v2/NAME/referrers/DIGEST */
	ROUTE_BAD_NAME,  /* a route, but NAME is not one */
	ROUTE_BAD_REFERENCE,
};

struct route {
	enum route_kind kind;
	char name[256];      /* checked against the grammar: never "..", never empty between slashes */
	char reference[136]; /* tag, digest or upload id, checked */
	bool by_digest;      /* reference is a digest */
};
/* Takes a decoded path apart (server/requests.c). Pure. */
void route_parse(const char *path, struct route *ret);

/* One request, from its first line to its reply. */
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

/* --- replies (server/server.c): each queues the reply and returns MHD's verdict --- */
enum MHD_Result reply_empty(struct call *c, int status);
enum MHD_Result reply_json(struct call *c, int status, const struct json *doc, const char *type);
enum MHD_Result reply_error(struct call *c, int status, const char *code, const char *message);
/* Sends size bytes of fd (taken over) from offset. */
enum MHD_Result reply_file(struct call *c, int status, int fd, uint64_t offset, uint64_t size);
/* Our own failure: 500, 507 when the disk is full. */
enum MHD_Result reply_failure(struct call *c, const struct mc_err *err);
void reply_header(struct call *c, const char *fmt, ...) PRINTF_LIKE(2, 3);
const char *call_query(const struct call *c, const char *key);  /* borrowed; NULL when absent */
const char *call_header(const struct call *c, const char *key); /* borrowed; NULL when absent */

/* --- handlers: NULL data means the body is complete (or there is none) --- */
enum MHD_Result serve_blob(struct call *c);   /* GET, HEAD */
enum MHD_Result serve_upload(struct call *c); /* after the body: POST, PATCH, PUT, GET, DELETE */
/* Before the body: opens what it goes to. Returns 0, or a status to refuse with (err filled). */
int upload_open(struct call *c, struct mc_err *err);
int upload_data(struct call *c, const void *data, size_t len, struct mc_err *err);
enum MHD_Result serve_manifest(struct call *c); /* GET, HEAD, PUT, DELETE */
enum MHD_Result serve_tags(struct call *c);
enum MHD_Result serve_catalog(struct call *c);
enum MHD_Result serve_referrers(struct call *c);
void uploads_clean(int store); /* forgets uploads that nobody touched for a day */

/* --- the store as repositories (server/repositories.c) --- */
/*
 * Finds a manifest: by tag, our own first, then docker.io's, then any; by digest, when it is in the index or named by an index of it.
 * Fills *ret_type (may be NULL; caller frees). -ENOENT.
 */
int repository_find(const struct server *s, const char *name, const char *reference, bool by_digest,
	struct digest *ret, char **ret_type, struct mc_err *err);
/* All tags of a repository, or all repositories when name is NULL: sorted, each once; caller strv_free()s. */
int repository_list(const struct server *s, const char *name, char ***ret, struct mc_err *err);
/* Gives a manifest a name here: tag, or its digest when tag is NULL. */
int repository_put(const struct server *s, const char *name, const char *tag, const char *type,
	const struct digest *d, uint64_t size, struct mc_err *err);
/* Takes names of ours away. Returns how many. */
int repository_delete(
	const struct server *s, const char *name, const char *reference, bool by_digest, struct mc_err *err);
/* Holds off garbage collection for some minutes. */
void server_writes(struct server *s);
/* Lets go when nothing was written for five minutes. */
void server_idle(struct server *s);

/* --- the registry behind us (server/proxy.c) --- */
/* Brings a manifest or blob into the store. 0, or why not. No proxy: -ENOENT. */
int proxy_manifest(struct server *s, const struct route *r, struct mc_err *err);
int proxy_blob(struct server *s, const char *name, const struct digest *d, struct mc_err *err);

/* Listens and serves until stop is readable. *ret_port, when not NULL, is called with the port once it listens. */
struct server_options {
	const char *address;    /* "127.0.0.1" */
	uint16_t port;          /* 0: any free one */
	const char *cert, *key; /* PEM text; NULL: plain HTTP */
};
int server_run(struct server *s, const struct server_options *o, int stop, void (*ready)(uint16_t port),
	struct mc_err *err);

#endif
