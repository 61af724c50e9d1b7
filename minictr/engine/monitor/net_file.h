/*
 * monitor/net_file.h - what a container's monitor must know of its networks: containers/ID/net, text.
 *
 *     way 10.213.0.3 fd4d:1::3      the addresses that published ports lead to; "-" none
 *     network 1 0 10.213.0.0/20 - web /var/lib/minictr/networks/ID
 *             names are answered, internal, its subnets, its name, where its leases are
 *     link db web-db-1              asked for "db", the container's resolver answers with web-db-1
 *             of the network above: --link, docker's older way to name a neighbour
 *     server 10.213.0.53            --dns, asked from inside the container
 *
 * The engine replaces the file by rename(2) when a container joins or leaves a network; the monitor looks
 * at it before each use. No signal and no JSON is needed, and no socket is closed for a change.
 */
#ifndef MC_ENGINE_MONITOR_NET_FILE_H
#define MC_ENGINE_MONITOR_NET_FILE_H

#include <sys/stat.h>
#include "network/lease.h"

struct net_file_network {
	bool names, internal;
	struct subnet subnet4, subnet6;
	char *name, *dir;         /* owned */
	char **links;             /* alias, name, alias, name ...; owned */
	struct lease_file leases; /* as of `seen` */
	struct stat seen;
};

struct net_file {
	const char *path; /* borrowed */
	struct stat seen;
	struct address way4, way6;
	struct net_file_network *networks; /* owned */
	size_t n_networks;
	struct address servers[8];
	size_t n_servers;
};

/* Reads the file, and the leases of its networks, when they have changed. */
void net_file_refresh(struct net_file *f);
void net_file_release(struct net_file *f);

/* Addresses of a name, in all networks that answer names. Returns their number, at most max; *ret_known:
 * the name exists, even where it has no address of this family. */
size_t net_file_lookup(const struct net_file *f, const char *name, int family, struct address *ret,
	size_t max, bool *ret_known);
/*
 * The name of a neighbour's address, as NAME.NETWORK, into ret. 1 found, 0 not ours, -1 ours but no
 * container has it.
 */
int net_file_reverse(const struct net_file *f, const struct address *a, char ret[320]);
/* Are all networks internal (or is there none)? Then no question may leave. */
bool net_file_is_internal(const struct net_file *f);

#endif
