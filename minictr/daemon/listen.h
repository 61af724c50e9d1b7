/*
 * listen.h - where clients come in: unix sockets, sockets from systemd, TCP with TLS.
 */
#ifndef MC_DAEMON_LISTEN_H
#define MC_DAEMON_LISTEN_H

#include "daemon/daemon.h"

struct listen_options {
	const char *group;                  /* of unix sockets; NULL: "minictr" when there is one */
	const char *ca, *certificate, *key; /* PEM files, for tcp:// */
};
/*
 * address: "unix:///run/minictr.sock", "tcp://127.0.0.1:2376", "fd://" (the sockets systemd gave us).
 * o lives as long as the daemon.
 */
int listen_open(struct daemon *d, const char *address, const struct listen_options *o, struct mc_err *err);
/* HOST:PORT without TLS, for the dashboard alone. */
int listen_pages(struct daemon *d, const char *address, struct mc_err *err);
void listen_close(struct daemon *d);

#endif
