/*
 * inspect_parts.h - what `inspect` shows besides a container's document: an image, and a container as a
 * picture.
 */
#ifndef MC_CLI_INSPECT_PARTS_H
#define MC_CLI_INSPECT_PARTS_H

#include "base/json.h"
#include "engine/engine.h"

/* `docker image inspect` of one image; the caller frees *ret. -ENOENT when there is none. */
int inspect_image(struct engine *e, const char *name, struct json **ret, struct mc_err *err);
/* Draws a running container: processes, namespaces (own or the host's), mounts, cgroup, limits, use. */
int inspect_tree(struct engine *e, const char *name, FILE *out, struct mc_err *err);

#endif
