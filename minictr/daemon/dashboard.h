/*
 * dashboard.h - the way in to the pages for people who would rather look: --dashboard PORT (ops_page.c).
 */
#ifndef MC_DAEMON_DASHBOARD_H
#define MC_DAEMON_DASHBOARD_H

#include "daemon/daemon.h"

/*
 * Makes a key, and the address to listen at; the caller frees it. walk: a file of explain --record, or NULL.
 * port and walk live as long as the daemon.
 */
int dashboard_prepare(
	struct daemon *d, const char *port, const char *walk, char **ret_address, struct mc_err *err);
/*
 * The path in routes.c for a request to these pages; the caller frees it. NULL: refused, and c->reply has
 * said why.
 */
char *dashboard_path(struct call *c, const char *method, const char *url);

#endif
