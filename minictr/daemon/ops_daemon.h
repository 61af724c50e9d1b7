/*
 * ops_daemon.h - operations that the daemon's own thread answers: what only it knows, and what needs no
 * wait.
 */
#ifndef MC_DAEMON_OPS_DAEMON_H
#define MC_DAEMON_OPS_DAEMON_H

#include "daemon/daemon.h"

/* Runs c->route->op. 0 with c->reply begun, or -errno with *err. */
int op_daemon_run(struct call *c, struct mc_err *err);

#endif
