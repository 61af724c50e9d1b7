/*
 * carry.h - one client of the TLS front: bytes between its TLS connection and the daemon.
 */
#ifndef MC_DAEMON_CARRY_H
#define MC_DAEMON_CARRY_H

#include <openssl/ssl.h>

#include "daemon/loop.h"

/* One direction. What was read and is not yet written waits here; the source is not read meanwhile. */
struct way {
	char data[16384];
	size_t len, sent;
	bool ended;  /* the source has no more */
	bool closed; /* and the other side was told */
};

struct front {
	struct loop loop;
	SSL_CTX *tls;
	int control; /* to minictrd: each connection's descriptor goes there */
	struct carry *all;
	size_t count;
	bool stopping;
};

struct carry {
	struct front *front;
	struct carry *next;
	SSL *ssl;
	int pair; /* to the daemon; -1 before the handshake is over */
	struct source client, daemon;
	struct way up, down; /* client to daemon, daemon to client */
	char peer[64];       /* its address, for the log */
	bool raw;            /* the daemon has answered 101: no request ends this connection */
	bool fin;            /* the client's TCP side is closed */
	bool wants_write;    /* TLS goes on when the client takes bytes */
	bool gone;           /* freed by carry_sweep() */
	uint64_t moved;      /* when the last byte was carried, ns of CLOCK_MONOTONIC */
};

/* fd is taken over. */
void carry_begin(struct front *f, int fd, const char *peer);
/* Ends those whose time is up, and frees all that are over. Returns how many are left. */
size_t carry_sweep(struct front *f);

#endif
