/*
 * server/server.h - `minictr registry serve`: listens, and serves until it is told to stop.
 */
#ifndef MC_REGISTRY_SERVER_H
#define MC_REGISTRY_SERVER_H

#include "registry/server/call.h"

struct server_options {
	const char *address;    /* "127.0.0.1" */
	uint16_t port;          /* 0: any free one */
	const char *cert, *key; /* PEM text; NULL: plain HTTP */
};
/* Serves until stop is readable. ready is called with the port once it listens. s: as call.h says, its
 * store open. */
int server_run(struct server *s, const struct server_options *o, int stop, void (*ready)(uint16_t port),
	struct mc_err *err);

#endif
