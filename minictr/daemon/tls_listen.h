/*
 * tls_listen.h - TCP addresses: their clients come through a process that speaks TLS (tls_front.c).
 */
#ifndef MC_DAEMON_TLS_LISTEN_H
#define MC_DAEMON_TLS_LISTEN_H

#include "daemon/listen.h"

/* The front's descriptor of the listening socket; its standard input is the socket to the daemon. */
enum { TLS_LISTENS = 3 };

/* Starts the front of l, whose clients we then take. tcp, the listening socket, stays open. */
int tls_listen(struct listener *l, int tcp, const struct listen_options *o, struct mc_err *err);

#endif
