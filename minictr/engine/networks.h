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
 * The lock of this engine's bridges, table and leases. A caller that looks at one of them and acts on what it
 * saw holds the lock meanwhile; it never waits for a program with it. A descriptor to close, or -errno.
 */
int net_lock(struct engine *e, struct mc_err *err);
/*
 * Finds the network and makes sure that its bridge is there. The caller holds net_lock() and takes the
 * address before it lets go: until then `network rm` and the sweep may not look. The caller's container has
 * its record on disk, or its build holds its lock: then no net_sweep() takes away what is there on return.
 * 0 or -errno.
 */
int net_up(struct engine *e, const char *name, struct network *ret, struct mc_err *err);
/*
 * Makes sure that our table is there and knows n. When the table is not ours any more (another program has
 * flushed all rules) it is written anew, with the networks and ports of all running containers. 0 or -errno.
 */
int net_ensure(struct engine *e, const struct network *n, struct mc_err *err);
/* Other programs' firewalls that drop what n's containers send: let it pass, or warn (network/firewall.h). */
void net_check_firewalls(struct engine *e, const struct network *n);
/* Writes everything anew, and removes what belongs to no running container: links, addresses, elements. */
int net_repair(struct engine *e, struct mc_err *err);
/* Takes the rules and the bridge of n away. The caller holds net_lock(), and has seen that n is unused. */
void net_remove(struct engine *e, const struct network *n);
/* No container is left: bridges and rules go. later: a process of its own does it in a second, unless a new
 * container came meanwhile; making them again costs more than waiting. */
void net_sweep(struct engine *e, bool later);
/*
 * The same while stopped containers are there: the package is removed, and nothing of ours may stay in the
 * kernel.
 */
void net_down(struct engine *e);

#endif
