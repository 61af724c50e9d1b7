/*
 * oci.h - the OCI runtime of a container as the engine drives it outside the monitor: exec, delete.
 */
#ifndef MC_ENGINE_OCI_H
#define MC_ENGINE_OCI_H

#include "engine/container.h"

struct oci {
	char *path;   /* absolute; owned */
	bool foreign; /* not ours: knows no --rootfs-fd */
};
/* The runtime this container was made for ("" is the engine's default). Release with oci_release(). */
int oci_find(struct engine *e, const struct container *c, struct oci *ret, struct mc_err *err);
void oci_release(struct oci *o);
/* True on a host with version 1 controllers beside an empty cgroup2 tree: other runtimes trip over it. */
bool oci_hybrid_cgroups(void);
/* Where our runtime logs within a container's run directory: create, start. */
#define OCI_LOG "oci.log"
/*
 * Passes on the warnings that our runtime wrote to this file of the container's run directory
 * (--log-format json), and removes it.
 */
void oci_tell_warnings(const struct engine *e, const char *id, const char *file);
/* A new start: what the last one told may be told again. */
void oci_forget_warnings(const struct engine *e, const char *id);
/* Starts the runtime with argv (argv[0] is o->path) as a child; stdio as in struct process. */
int oci_spawn(
	const struct oci *o, char *const argv[], const int stdio[3], pid_t *ret_pid, struct mc_err *err);
/* Takes away what the runtime keeps (`delete --force`) and the cgroup. Nothing there is fine. */
void oci_delete(struct engine *e, const struct container *c);

#endif
