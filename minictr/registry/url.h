/*
 * url.h - the few things we do with addresses (RFC 3986): origin, escaping, references, loopback.
 */
#ifndef MC_REGISTRY_URL_H
#define MC_REGISTRY_URL_H

#include "base/buf.h"

/* scheme://host[:port] of a URL; caller frees. */
char *url_origin(const char *url);
/* Percent-encodes everything but unreserved characters (RFC 3986, 2.3), appended to out. */
void url_escape(struct buf *out, const char *text);
/* Resolves a Location header against the URL it came from; caller frees. */
char *url_join(const char *base, const char *location);
/* "127.0.0.1:5000", "localhost", "[::1]:5000": an address of this machine. */
bool host_is_loopback(const char *host);

#endif
