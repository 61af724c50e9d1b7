/*
 * client_cert.h - TLS: a connection counts only with a certificate that our CA has signed.
 */
#ifndef MC_DAEMON_CLIENT_CERT_H
#define MC_DAEMON_CLIENT_CERT_H

#include <microhttpd.h>

#include "base/err.h"

/* 0 when the client of this connection has shown a valid certificate, else -EACCES. */
int client_cert_check(struct MHD_Connection *connection, struct mc_err *err);

#endif
