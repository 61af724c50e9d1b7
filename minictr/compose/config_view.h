/*
 * config_view.h - what `compose config` shows of a model.
 */
#ifndef MC_COMPOSE_CONFIG_VIEW_H
#define MC_COMPOSE_CONFIG_VIEW_H

#include "compose/project.h"

/* Changes p->model for printing: afterwards it is of no other use. json: as docker compose's JSON, without
 * x- keys and with its empty objects. whole: also what no service uses. */
void config_view(struct project *p, bool json, bool whole);

#endif
