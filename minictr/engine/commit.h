/*
 * commit.h - what a container has changed becomes a new image.
 */
#ifndef MC_ENGINE_COMMIT_H
#define MC_ENGINE_COMMIT_H

#include "engine/container.h"
#include "image/digest.h"

struct container_commit { /* all borrowed; NULL: not said */
	const char *name, *author, *message;
	char *const *changes;      /* Dockerfile instructions */
	const struct json *config; /* instead of the container's own "Config" */
	bool pause;                /* it stands still meanwhile */
};
int container_commit(struct engine *e, const char *name, const struct container_commit *o,
	struct digest *ret_id, struct mc_err *err);

#endif
