/*
 * server/requests.h - a request's path taken apart.
 */
#ifndef MC_REGISTRY_REQUESTS_H
#define MC_REGISTRY_REQUESTS_H

#include "image/digest.h"

enum route_kind {
	ROUTE_NONE,
	/* /v2/ */
	ROUTE_BASE,
	/* /v2/_catalog */
	ROUTE_CATALOG,
	/* /v2/NAME/tags/list */
	ROUTE_TAGS,
	/* /v2/NAME/manifests/REFERENCE */
	ROUTE_MANIFEST,
	/* /v2/NAME/blobs/DIGEST */
	ROUTE_BLOB,
	/* /v2/NAME/blobs/uploads/ */
	ROUTE_UPLOADS,
	/* /v2/NAME/blobs/uploads/ID */
	ROUTE_UPLOAD,
	/* /v2/NAME/referrers/DIGEST */
	ROUTE_REFERRERS,
	/* a route, but NAME is not one */
	ROUTE_BAD_NAME,
	ROUTE_BAD_REFERENCE,
};

struct route {
	enum route_kind kind;
	char name[256];      /* checked against the grammar: never "..", never empty between slashes */
	char reference[136]; /* tag, digest or upload id, checked */
	bool by_digest;      /* reference is a digest */
};
/* Takes a decoded path apart. Pure. */
void route_parse(const char *path, struct route *ret);
/* [a-zA-Z0-9_][a-zA-Z0-9._-]{0,127} */
bool route_is_tag(const char *text);

#endif
