/*
 * kill.h - signals to a container, freezing it, and two things that callers of create and exec share.
 */
#ifndef MC_RUNTIME_KILL_H
#define MC_RUNTIME_KILL_H

#include <sys/types.h>
#include "base/err.h"

struct state;

/* A signal to the first process; all: to every process. -ESRCH: "container not running". */
int kill_container(const char *root, const char *id, int signal, bool all, struct mc_err *err);
/* Freezes or thaws all processes. -EINVAL when it is frozen (thawed) already. */
int pause_container(const char *root, const char *id, bool freeze, struct mc_err *err);
/*
 * Waits, ten seconds at most, until the first process has ended: it takes a mount namespace down first,
 * which takes time.
 */
void await_end(const struct state *s);
/*
 * From now on TERM, INT, HUP, QUIT, USR1 and USR2 go to pid: as long as we wait for a container our
 * signals are its.
 */
void forward_signals(pid_t pid);
/* Writes pid, without a newline, to path: temporary file and rename. NULL path: nothing. */
int write_pid_file(const char *path, pid_t pid, struct mc_err *err);

#endif
