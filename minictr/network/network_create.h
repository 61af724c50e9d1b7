/*
 * network_create.h - making a network: its record, its subnet, its name.
 */
#ifndef MC_NETWORK_NETWORK_CREATE_H
#define MC_NETWORK_NETWORK_CREATE_H

#include "network/network_record.h"

/* What `network create` asks for. All borrowed. */
struct network_options {
	const char *name, *driver; /* driver NULL: bridge */
	char *const *subnets, *const *gateways, *const *ranges;
	char *const *kept; /* "name=address" of machines that are no containers (IPAM's AuxiliaryAddresses) */
	char *const *labels, *const *opts; /* "key=value" */
	bool internal, ipv6, attachable;
	bool plain_ipam; /* IPAM's own options were not given: null, and not {} */
};

/* Makes one; nothing in the kernel yet. Release *ret with network_release(). */
int network_create(
	const struct net_home *h, const struct network_options *o, struct network *ret, struct mc_err *err);
/* The default network "bridge", made when it is not there yet. */
int network_make_default(const struct net_home *h, struct network *ret, struct mc_err *err);
/*
 * The host has got a route to n's subnet (a VPN, another engine's bridge), and the bridge of n is not up.
 * A subnet that was our choice is chosen anew, as long as no container has an address there. Returns 1
 * when the record says another one by now, 0 when it stays: it was asked for, or is in use.
 */
int network_move(const struct net_home *h, const struct network *n, struct mc_err *err);

#endif
