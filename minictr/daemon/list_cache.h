/*
 * list_cache.h - the rows of GET /containers/json, kept between two lists.
 */
#ifndef MC_DAEMON_LIST_CACHE_H
#define MC_DAEMON_LIST_CACHE_H

#include "base/buf.h"
#include "engine/engine.h"

/* Adds the JSON array of all containers, newest first, to *ret; any_state: also those that do not run. */
int list_cache_rows(struct engine *e, bool any_state, struct buf *ret, struct mc_err *err);

#endif
