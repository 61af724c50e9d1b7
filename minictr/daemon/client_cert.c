/*
 * client_cert.c - see client_cert.h. GnuTLS has checked the signature by the CA in --tlscacert during the
 * handshake; its verdict is asked for here, because libmicrohttpd lets a client without one pass.
 */
#include "daemon/client_cert.h"

#include <gnutls/gnutls.h>

int client_cert_check(struct MHD_Connection *connection, struct mc_err *err)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
	unsigned status = 0;
	if (!info || !info->tls_session)
		return err_set(err, EACCES, "this address speaks TLS with client certificates only");
	if (gnutls_certificate_verify_peers2(info->tls_session, &status) < 0)
		return err_set(err, EACCES,
			"no client certificate: a client of this socket can become root here, so one is "
			"needed");
	if (status)
		return err_set(err, EACCES,
			"the client certificate is not valid here (is it signed by the CA "
			"in --tlscacert, and is its date right?)");
	return 0;
}
