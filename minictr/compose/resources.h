/*
 * resources.h - networks and volumes of a project: made before its containers, removed after them.
 */
#ifndef MC_COMPOSE_RESOURCES_H
#define MC_COMPOSE_RESOURCES_H

#include "base/board.h"
#include "compose/service.h"

/* Every network and volume that a service of the project uses. External ones must exist: -ENOENT when not. */
int networks_make(struct engine *e, const struct project *p, struct board *b, struct mc_err *err);
int volumes_make_all(struct engine *e, const struct project *p, struct board *b, struct mc_err *err);
/*
 * Those with the project's label, whatever the file says now; never external ones. Missing ones are no
 * error.
 */
int networks_remove(struct engine *e, const struct project *p, struct board *b, struct mc_err *err);
int volumes_remove(struct engine *e, const struct project *p, struct board *b, struct mc_err *err);

#endif
