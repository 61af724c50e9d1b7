/*
 * network_record.h - the networks of one engine: made, found, listed, removed. No container is known here.
 *
 * On disk, below the engine's root:
 *     networks/ID/network.json   docker's words for what was asked for
 *     networks/ID/leases, lock   lease.h
 *     networks/NAME -> ID        symlink(2) is the exclusive claim on a name: of two creates one wins
 * A directory without a name is half-made or half-removed: no command finds it, repair removes it.
 * "bridge", "host" and "none" are always there; bridge's record is made at its first use.
 */
#ifndef MC_NETWORK_NETWORK_RECORD_H
#define MC_NETWORK_NETWORK_RECORD_H

#include "base/json.h"
#include "network/bridge.h"
#include "network/pool.h"

/* Where networks are kept and whose they are: part of an engine. */
struct net_home {
	const char *root;         /* of the engine; borrowed */
	const char *run_dir;      /* gone after a reboot; borrowed */
	const char *key;          /* its hash: part of every kernel name; borrowed */
	const struct pool *pools; /* borrowed */
	size_t n_pools;
};

/* By name, id or a prefix of the id that fits one only (network_find.c). -ENOENT "network X not found". */
int network_find(const struct net_home *h, const char *name, struct network *ret, struct mc_err *err);
/* All of them, sorted by name; bridge, host and none included. */
struct network_list {
	struct network *items; /* owned */
	size_t count;
};
int network_list(const struct net_home *h, struct network_list *ret, struct mc_err *err);
void network_release(struct network *n);
void network_list_release(struct network_list *l);
#define _cleanup_network_ __attribute__((cleanup(network_release)))
#define _cleanup_network_list_ __attribute__((cleanup(network_list_release)))

/* Frees the name, then removes the files. The kernel's part is network_down()'s (attach.h). */
int network_remove(const struct net_home *h, const struct network *n, struct mc_err *err);
/* Directories without a name: a create or a removal was killed. */
void network_sweep(const struct net_home *h);
/* The record of an id, and the plain struct from n->doc; for network_create.c. */
int network_load(const struct net_home *h, const char *id, struct network *ret, struct mc_err *err);
void network_fill(const struct net_home *h, struct network *n);
/* The same by the network's name, which is a link to its id. */
int network_load_named(const struct net_home *h, const char *name, struct network *ret, struct mc_err *err);
/* bridge, host or none without a file: what it is, without a subnet. */
void network_predefined(const struct net_home *h, const char *name, struct network *ret);
/* An id that is the same each time: predefined networks are made by no command. */
void network_fixed_id(const struct net_home *h, const char *name, char out[65]);
/* networks/ID[/file]. Caller frees. */
char *network_path(const struct net_home *h, const char *id, const char *file);
/* networks/ID of n, absolute. Caller frees. */
char *network_dir(const struct net_home *h, const struct network *n);
/* bridge, host, none. */
bool network_is_predefined(const char *name);
/* Has it a bridge of ours (not host, none)? */
bool network_is_bridge(const struct network *n);
/* "minictr_0123456789": the table of this engine. */
void network_table(const struct net_home *h, char out[32]);
/* What links of this engine have as their alias: "minictr KEY". */
void network_alias(const struct net_home *h, char out[64]);
/* A new record in docker's shape, without a subnet. */
struct json *network_document(const char *name, const char *driver);

#endif
