/*
 * host_mount.h - a container's files under a path of the host: `mount` and `unmount`, as podman has them.
 */
#ifndef MC_ENGINE_HOST_MOUNT_H
#define MC_ENGINE_HOST_MOUNT_H

#include "engine/container.h"

/*
 * Mounts the container's root file system at containers/ID/merged and gives that path (caller frees *ret);
 * one that is mounted already stays. Of a container that runs it is a clone of the mount inside, so both
 * sides see each other's changes.
 * -EPERM without CAP_SYS_ADMIN.
 */
int host_mount(struct engine *e, const char *name, char **ret, struct mc_err *err);
/* Takes it away; not being mounted is no error. */
int host_unmount(struct engine *e, const char *name, struct mc_err *err);
/* The same for a container that is known by its id. True when something was mounted. */
bool host_mount_drop(struct engine *e, const char *id);
/* Is it mounted? */
bool host_mount_is_there(struct engine *e, const char *id);

#endif
