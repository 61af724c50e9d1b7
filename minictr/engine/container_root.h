/*
 * container_root.h - the root file system of a container. cp, export and commit are made of it by
 * minictr-image (no libarchive in the light executable).
 */
#ifndef MC_ENGINE_CONTAINER_ROOT_H
#define MC_ENGINE_CONTAINER_ROOT_H

#include "engine/container.h"

/*
 * The container's root file system as seen now: of a running container through /proc/PID/root, else its
 * overlay mounted detached. Returns a directory descriptor; resolve everything beneath it with
 * file_open_beneath().
 */
int container_root(struct engine *e, const struct container *c, struct mc_err *err);
/*
 * Its overlay, mounted detached: returns the descriptor. With a user namespace of its own the tree has the
 * ids that stand behind the container's (spec/user_ids.h). For one that does not run.
 */
int container_mount(struct engine *e, const struct container *c, struct mc_err *err);
/* Absolute path of its writable layer (overlay's upper directory). Caller frees. */
char *container_upper(const struct engine *e, const char *id);

/*
 * The root for one path ("/data/x", absolute): of a container that does not run, what is mounted there at its
 * next start. *ret_rest: the path from that root on; it points into path, or is "/".
 */
int container_root_at(struct engine *e, const struct container *c, const char *path, const char **ret_rest,
	struct mc_err *err);

#endif
