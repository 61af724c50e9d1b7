/*
 * actual.h - what there is of a project: its containers, found by label, never by name.
 */
#ifndef MC_COMPOSE_ACTUAL_H
#define MC_COMPOSE_ACTUAL_H

#include "engine/container.h"

struct actual_container {
	const struct container *c; /* in list */
	const char *service;       /* label */
	int64_t number;
	bool oneoff;      /* of `compose run` */
	const char *hash; /* of the service's model when it was made; "" unknown */
};

struct actual {
	struct container_list list;     /* all containers of the engine; owned */
	struct actual_container *items; /* those of the project, by service and number; owned */
	size_t n;
};

int actual_read(struct engine *e, const char *project, struct actual *ret, struct mc_err *err);
void actual_release(struct actual *a);
#define _cleanup_actual_ __attribute__((cleanup(actual_release)))

#endif
