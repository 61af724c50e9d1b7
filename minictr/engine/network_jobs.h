/*
 * network_jobs.h - what `network ...` and the API do: create, look, remove, connect, disconnect.
 */
#ifndef MC_ENGINE_NETWORK_JOBS_H
#define MC_ENGINE_NETWORK_JOBS_H

#include "engine/networks.h"
#include "network/network_create.h"

/* An unprivileged user's containers have no networks of ours: -EPERM with what they have instead. */
int networks_allowed(const struct engine *e, struct mc_err *err);
/* *ret_id is 64 digits. */
int engine_network_create(
	struct engine *e, const struct network_options *o, char ret_id[65], struct mc_err *err);
/* Docker's document of `network inspect`, containers included. Caller frees. */
int engine_network_document(struct engine *e, const struct network *n, struct json **ret, struct mc_err *err);
/* Refused while containers run in it, with their names. Those that do not run don't count. */
int engine_network_remove(struct engine *e, const char *name, char ret_name[256], struct mc_err *err);
/* wish: an entry of "Networks" (engine/endpoints.h), with the network's name or id as "Name". */
int engine_network_connect(
	struct engine *e, const char *container, const struct json *wish, struct mc_err *err);
/* force: a container that is gone is no error. */
int engine_network_disconnect(
	struct engine *e, const char *network, const char *container, bool force, struct mc_err *err);
/* What killed commands and other programs left or took: finished or removed, the rules written anew. */
int engine_network_repair(struct engine *e, struct mc_err *err);
/* "web/db": the link db of container web goes (--link). -ENOENT when it has none. */
int engine_unlink(struct engine *e, const char *link, struct mc_err *err);
/* Do containers (running or not) ask for this network? */
bool engine_network_is_used(struct engine *e, const struct network *n);

#endif
