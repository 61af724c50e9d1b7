/*
 * endpoints_live.h - a container that exists, and perhaps runs, joins a network or leaves one.
 */
#ifndef MC_ENGINE_ENDPOINTS_LIVE_H
#define MC_ENGINE_ENDPOINTS_LIVE_H

#include "engine/endpoints.h"

/*
 * wish is an entry of "Networks" (spec/network_words.h). The container's lock is held. A running one has
 * the new link when this returns; its open connections and the numbers of its host ports stay. -EEXIST when
 * it is in that network.
 */
int endpoints_join(struct engine *e, struct container *c, const struct json *wish, struct mc_err *err);
/* n: the network. -ENOENT when it is not in it. */
int endpoints_leave(struct engine *e, struct container *c, const struct network *n, struct mc_err *err);
/* The name that its resolver knew (--link) is gone. -ENOENT when there is none. */
int endpoints_unlink(struct engine *e, struct container *c, const char *alias, struct mc_err *err);
/* The container has another name: its neighbours find it by that one, and by the old one no more. */
int endpoints_rename(struct engine *e, struct container *c, struct mc_err *err);

#endif
