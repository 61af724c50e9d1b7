/*
 * oci/notify.h - the caller's NOTIFY_SOCKET (sd_notify(3)): tells the service manager that the program is
 * ready.
 */
#ifndef MC_RUNTIME_OCI_NOTIFY_H
#define MC_RUNTIME_OCI_NOTIFY_H

#include <sys/types.h>
#include "base/err.h"

struct notify {
	int in;      /* our socket, which the program writes to; -1: there is nothing to do */
	int process; /* pidfd of the container's first process */
	pid_t main;  /* the service's main process, as the manager is told */
};

/*
 * Before "go": the socket in ROOT/ID/notify (tail_state_mounts() bound that directory into the container),
 * when the caller has a NOTIFY_SOCKET now and had one at create.
 */
int notify_open(const char *root, const char *id, struct notify *ret, struct mc_err *err);
/* Waits for the program's READY=1, or its end, and tells the caller's socket. */
int notify_forward(struct notify *n, struct mc_err *err);
/* The same on a thread, beside what `run` does in the foreground. */
int notify_beside(struct notify *n, struct mc_err *err);

#endif
