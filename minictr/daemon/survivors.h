/*
 * survivors.h - a daemon that starts finds the containers of the one before it.
 */
#ifndef MC_DAEMON_SURVIVORS_H
#define MC_DAEMON_SURVIVORS_H

#include "daemon/daemon.h"

/* Lab 10.5; the contract stands in survivors.c. */
int daemon_restore(struct daemon *d, int state_dir);

#endif
