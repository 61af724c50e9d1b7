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
	char *const *labels, *const *opts; /* "key=value" */
	bool internal, ipv6, attachable;
};

/* Makes one; nothing in the kernel yet. Release *ret with network_release(). */
int network_create(
	const struct net_home *h, const struct network_options *o, struct network *ret, struct mc_err *err);
/* The default network "bridge", made when it is not there yet, and anew when it is blocked. */
int network_make_default(const struct net_home *h, struct network *ret, struct mc_err *err);
/* Has the host a route to the default bridge's subnet, while the bridge is down and no container uses it? */
bool network_default_is_blocked(const struct net_home *h, const struct network *n);
/* A new record in docker's shape, without a subnet. */
struct json *network_document(const char *name, const char *driver);

#endif
