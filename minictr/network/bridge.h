/*
 * bridge.h - a network of containers: plugging in, addresses, the way out and the way in. Contracts of
 * bridge.c, and the plain structs that its functions read.
 */
#ifndef MC_NETWORK_BRIDGE_H
#define MC_NETWORK_BRIDGE_H

#include <net/if.h>
#include "network/address.h"
#include "network/rules.h"

/* A network as the kernel needs to know it; network_record.h says where it comes from. */
struct network {
	char id[65];
	char *name;                     /* owned */
	char *driver;                   /* "bridge", "host", "null"; owned */
	char bridge[IFNAMSIZ];          /* the kernel's name of its bridge */
	bool named_by_user;             /* ... in an option: such a bridge may belong to another program */
	char table[32];                 /* of this engine, in nftables */
	struct subnet subnet4, subnet6; /* the address is the gateway's: the bridge's own; family 0: none */
	struct subnet range4, range6;   /* addresses are chosen from here; family 0: from the whole subnet */
	unsigned mtu;                   /* 0: the uplink's */
	bool internal;                  /* no way out */
	bool no_masquerade;             /* containers' own addresses leave the host */
	bool no_neighbours;             /* containers reach the gateway, and not each other */
	bool isolated_gateway;          /* --internal with the bridge without an address: not even the host */
	struct address publish_host;    /* where ports are published unless -p says; family 0: everywhere */
	int64_t created;                /* ns since the epoch */
	struct json *doc;               /* network.json: labels, options; owned */
};

/* What one container has in one network. */
struct lease {
	char ifname[IFNAMSIZ];             /* inside: eth0 */
	struct subnet address4, address6;  /* its own, with the network's prefix; family 0: none */
	struct address gateway4, gateway6; /* its default route; family 0: no such route through here */
	uint8_t mac[6];
	unsigned mtu;
};

/* One published port. */
struct port {
	char table[32];
	char protocol[5];    /* "tcp", "udp" */
	struct address host; /* the host's address; any (0.0.0.0, ::) for all of this family */
	uint16_t host_port;
	struct address container; /* of the same family as host */
	uint16_t container_port;
};

/* Makes the link `port` a port of `bridge`; both are switched on. Returns 0 or -errno. */
int bridge_attach(int nl, const char *bridge, const char *port);
/*
 * Gives the link l->ifname its addresses, switches it on and adds the default routes. nl is a socket made
 * inside the container's namespace. Returns 0 or -errno.
 */
int address_and_route(int nl, const struct lease *l);
/* The rule that lets containers of n speak to the world: written to nft, in a chain of its own. Returns 0. */
int nat_rules(const struct network *n, struct text *nft);
/* The element that makes one port reachable from outside. Returns 0. */
int publish_rules(const struct port *p, struct text *nft);

#endif
