/*
 * wait.h - what depends_on promises: started, healthy, ended well.
 */
#ifndef MC_COMPOSE_WAIT_H
#define MC_COMPOSE_WAIT_H

#include "engine/container.h"

enum service_condition { SERVICE_STARTED, SERVICE_HEALTHY, SERVICE_COMPLETED };

/* Lab 09.2; the contract stands in wait.c. */
int service_wait(
	struct engine *e, const char *container, enum service_condition condition, struct mc_err *err);

/* "service_healthy" and its kin; anything else is SERVICE_STARTED. */
enum service_condition service_condition_parse(const char *word);

#endif
