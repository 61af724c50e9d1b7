/*
 * caller.h - who typed this: the user behind sudo. What belongs to a person (history, work, their own shell's
 * commands) stays theirs although the engine runs as root.
 */
#ifndef MC_CLI_CALLER_H
#define MC_CLI_CALLER_H

#include <sys/types.h>
#include "base/err.h"

struct caller {
	uid_t uid;
	gid_t gid;
	char *name, *home, *shell; /* owned; shell is "/bin/sh" when the account names none */
};

/* SUDO_UID when root was become by sudo, else the user of this process. Never fails: an unknown uid gets
 * "/" as home. */
void caller_find(struct caller *c);
void caller_release(struct caller *c);
#define _cleanup_caller_ __attribute__((cleanup(caller_release)))

/* In a child: becomes that user for good, with HOME, USER, LOGNAME and SHELL set. No-op when we are that
 * user. */
int caller_become(const struct caller *c, struct mc_err *err);
/* Effective ids only, to touch the user's own files; caller_leave() returns. A user's planted link then
 * gains nothing. */
void caller_enter(const struct caller *c);
void caller_leave(void);

#endif
