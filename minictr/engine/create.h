/*
 * create.h - a container is made: a name, a directory, a record. Nothing runs yet.
 */
#ifndef MC_ENGINE_CREATE_H
#define MC_ENGINE_CREATE_H

#include "engine/run.h"

/*
 * Makes the record and the directories of a container. The image is fetched first when it is missing and
 * o->pull allows it (ensure_image.h). Writes o->cidfile. On failure nothing is left behind; -ENOENT: no
 * such image.
 */
int container_create(
	struct engine *e, const struct run_options *o, char ret_id[CONTAINER_ID_LEN + 1], struct mc_err *err);

#endif
