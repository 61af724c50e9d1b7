/*
 * follow.h - the engine's events as they happen: inotify(7) on its directory, events.log read on.
 */
#ifndef MC_DAEMON_FOLLOW_H
#define MC_DAEMON_FOLLOW_H

#include "daemon/daemon.h"

int follow_open(struct daemon *d, struct mc_err *err);
/* Reads what has been appended, and tells those who wait. */
void follow_catch_up(struct daemon *d);

#endif
