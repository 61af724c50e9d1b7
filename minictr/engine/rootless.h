/*
 * rootless.h - the engine for an unprivileged user: first of all, become root of a user namespace of one's
 * own.
 *
 * Called by the executables that touch the store, before anything else. Behind it everything works as for
 * root, with the permissions of the user: files belong to the user and to the subordinate ids (subuid(5)),
 * mounts are the namespace's own. Typical, in front of engine_open() or store_open(): rc =
 * rootless_enter(argv, &err);
 */
#ifndef MC_ENGINE_ROOTLESS_H
#define MC_ENGINE_ROOTLESS_H

#include <sys/types.h>
#include "base/err.h"

/*
 * Root, or inside already: returns 0 and does nothing. Otherwise re-executes this program with argv inside
 * the user's namespace (the one of the user's running containers, or a new one), and returns only on failure.
 * -EPERM with the fix in the hint where the host forbids user namespaces.
 */
int rootless_enter(char *const argv[], struct mc_err *err);

/* `minictr internal rootless-stop`: ends the process that holds the caller's namespaces; 0 when there is
 * none. Called outside of them. Containers that still run go on, but later commands have no capabilities
 * over them: stop them first. */
int rootless_stop(struct mc_err *err);

/* Is this process inside such a namespace? */
bool rootless_active(void);
/* The uid that the host knows: that of the user who called rootless_enter(), else getuid(). */
uid_t rootless_uid(void);
/* Does the user have a systemd of their own that can be asked for cgroups (cgroup2 only)? */
bool rootless_systemd(void);
/* Which controllers that systemd may use for the user: "cpu memory pids". Caller frees. */
char *rootless_controllers(void);

#endif
