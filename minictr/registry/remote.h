/*
 * remote.h - one repository on one registry: where it is, how to speak to it, who we are there.
 *
 * remote_open() decides between https and http and picks mirrors; remote_send() carries the right
 * Authorization and, when the registry answers 401, gets a new token once and asks again. Safe for several
 * threads after opening.
 */
#ifndef MC_REGISTRY_REMOTE_H
#define MC_REGISTRY_REMOTE_H

#include "image/name.h"
#include "registry/http.h"
#include "registry/login.h"
#include "registry/manifest.h"
#include "registry/partial.h"

struct session;
struct registry_settings; /* settings.h */

struct remote {
	const struct image_name *name; /* what is wanted; borrowed */
	/* How this conversation goes: limits, platform, login, who is told. Borrowed from remote_open() on:
	 * nothing below asks the process. */
	struct registry_settings *context;
	char **bases; /* "http://mirror:5000", "https://registry-1.docker.io": in the order asked; owned */
	size_t at;    /* the base in use */
	struct http *http;       /* owned */
	struct login login;      /* owned */
	struct session *session; /* the Authorization of the moment; owned */
	char *scope;   /* "repository:PATH:pull", for challenges that name none; NULL: none; owned */
	bool is_pull;  /* opened without flags */
	bool answered; /* a request got an answer: from now on a refused connection is worth another try */
	const struct manifest *sizes; /* what blobs may weigh; NULL: only the general limit; borrowed */
};

/* Flags of remote_open(); with any of them mirrors are left out. */
enum {
	/* a push goes to the registry itself */
	REMOTE_PUSH = 1,
	/* the registry is asked, not a repository: login, catalog */
	REMOTE_REGISTRY = 2,
	/* a pull from the registry itself */
	REMOTE_ORIGIN = 4,
};

/* Nothing but the scheme is asked of the network here. */
int remote_open(const struct image_name *n, int flags, struct remote *ret, struct mc_err *err);
void remote_close(struct remote *r);
#define _cleanup_remote_ __attribute__((cleanup(remote_close)))

/*
 * As http_send(), with authorization. q->url may begin with '/': then it is relative to the base. A reply
 * of any status but an answered 401 is a success.
 */
int remote_send(
	const struct remote *r, const struct http_request *q, struct http_reply *ret, struct mc_err *err);

/*
 * GET /v2/PATH/manifests/REF: the tag of the name, or digest when not NULL (else the name's own digest).
 * The bytes are checked against the digest asked for. Falls back from a mirror to the next base. *ret is
 * replaced. An index is left as it is: for servers that pass it on.
 */
int manifest_fetch_raw(
	struct remote *r, const struct digest *digest, struct manifest *ret, struct mc_err *err);
/* What one image is for: its configuration says it, not its manifest. (index_fetch.c) */
int manifest_platform(struct remote *r, const struct manifest *m, struct platform *ret, struct mc_err *err);
/*
 * The same for pulls (index_fetch.c): of an index, the indexes inside it and the platforms that it does not
 * tell are fetched, too.
 */
int manifest_fetch(struct remote *r, const struct digest *digest, struct manifest *ret, struct mc_err *err);

/*
 * GET /v2/PATH/blobs/DIGEST from where `p` ends (Range), appended to p; goes on after a broken connection
 * while bytes still arrive. Returns 0 when the server has no more to say: whether the bytes are right is
 * for the caller to find out.
 */
int remote_get_blob(const struct remote *r, const struct digest *d, struct partial *p, struct mc_err *err);
/* Most bytes that a blob may have: what the manifest promises, else the general limit of the config file. */
uint64_t remote_blob_limit(const struct remote *r, const struct digest *d);

/* Turns an unwanted status into an error that explains it: denied, unknown, rate limit. Always negative. */
int remote_error(
	const struct remote *r, const struct http_reply *reply, const char *what, struct mc_err *err);

#endif
