/*
 * networks.h - an engine's networks: where network/ finds them, and the rules that belong to what runs.
 */
#ifndef MC_ENGINE_NETWORKS_H
#define MC_ENGINE_NETWORKS_H

#include "engine/container.h"
#include "network/network_record.h"

/* The part of an engine that network/ works with. Borrows from e. */
struct net_home engine_networks(const struct engine *e);

/*
 * Makes sure that the bridge of n is there, and that our table is and knows n. When the table is not ours any
 * more (another program has flushed all rules) it is written anew, with the networks and ports of all running
 * containers. The caller's container has its record on disk, or its build holds its lock: then no net_sweep()
 * takes away what is there on return. 0 or -errno.
 */
int net_ensure(struct engine *e, const struct network *n, struct mc_err *err);
/* Writes everything anew, and removes what belongs to no running container: links, addresses, elements. */
int net_repair(struct engine *e, struct mc_err *err);
/* Takes the rules and the bridge of n away. */
void net_remove(struct engine *e, const struct network *n);
/* No container is left: bridges and rules go. later: a process of its own does it in a second, unless a new
 * container came meanwhile; making them again costs more than waiting. */
void net_sweep(struct engine *e, bool later);

#endif
