/*
 * monitor/oci_runtime.h - how the monitor drives an OCI runtime, ours or another: create, start, delete.
 */
#ifndef MC_ENGINE_MONITOR_RUNTIME_H
#define MC_ENGINE_MONITOR_RUNTIME_H

#include "engine/monitor/pump.h"

/* A listening unix socket run/name; an old one of that name is replaced. Non-blocking. */
int runtime_listen(const char *run, const char *name, int type, struct mc_err *err);
/* For another runtime: a mount namespace of our own in which dir/rootfs is the root file system. */
int runtime_private_root(struct monitor *m, struct mc_err *err);
/* `create`: fills init, in, out, err, mount_ns. *err carries the runtime's own words on failure. */
int runtime_create(struct monitor *m, struct mc_err *err);
int runtime_start(struct monitor *m, struct mc_err *err);
void runtime_delete(struct monitor *m);

/* Between fork and exec: the signals we are deaf to would stay ignored in what is executed (execve(2)). */
void runtime_reset_signals(void);

#endif
