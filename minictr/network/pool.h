/*
 * pool.h - which subnet a new network gets, and whether one that was asked for is free.
 */
#ifndef MC_NETWORK_POOL_H
#define MC_NETWORK_POOL_H

#include "base/err.h"
#include "network/address.h"

/* A range of addresses that is cut into subnets: config.json's "default-address-pools". */
struct pool {
	struct subnet base;
	unsigned size; /* prefix of one subnet */
};

struct subnet_list {
	struct subnet *items; /* owned */
	size_t count;
};
void subnet_list_add(struct subnet_list *l, const struct subnet *s);
void subnet_list_release(struct subnet_list *l);
#define _cleanup_subnet_list_ __attribute__((cleanup(subnet_list_release)))

/* Networks that the host has routes to, of all its routing tables but the local one, without default routes
 * and without those through the link `except` (NULL: none). nl is a route socket. Returns 0 or -errno. */
int pool_routes(int nl, const char *except, struct subnet_list *ret);

/* The first subnet of the pools that overlaps none of `used`. size_most: a larger one is cut where a pool
 * allows it (0: the pool's own size). -ENOSPC with what to do. */
int pool_pick(const struct pool *pools, size_t n_pools, unsigned size_most, const struct subnet_list *used,
	struct subnet *ret, struct mc_err *err);
/* The first of `used` that overlaps s, or NULL. */
const struct subnet *pool_overlap(const struct subnet_list *used, const struct subnet *s);

#endif
