/*
 * link_more.h - links, the rest: bridges, properties, removal, lists. Given to lab 07.
 * nl is a socket of sys_netlink(NETLINK_ROUTE); all functions return 0 (or what is said) or -errno.
 */
#ifndef MC_NETWORK_LINK_MORE_H
#define MC_NETWORK_LINK_MORE_H

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

/* The number of the link `name`, always positive; -ENODEV when there is none. */
int link_index(int nl, const char *name);

/* Makes a bridge with this MAC address; alias is shown by ip(8) and says whose it is. -EEXIST when the name
 * is taken. */
int bridge_create(int nl, const char *name, const uint8_t mac[6], const char *alias);
/*
 * Settings of a link, in one message: each waits for the kernel's lock of all links, which another
 * container's end may hold for 10 to 30 ms. The MAC address wants a link that is down.
 */
struct link_settings {
	const uint8_t *mac; /* NULL: as it is */
	unsigned mtu;       /* 0: as it is */
	bool no_ipv6; /* no link-local address: the link shall not be reachable by one it does not know of */
};
int link_set(int nl, const char *name, const struct link_settings *s);
/*
 * Settings of a bridge's port. Hairpin: frames may return through the port they came from, for a
 * container that calls its own published port. alone: this port and others that are so do not reach each
 * other.
 */
int link_port(int nl, const char *name, bool alone);
/* Switches it off and takes it off its bridge: no packet passes any more. Fast; link_delete() may follow
 * later. */
int link_unplug(int nl, const char *name);
int link_delete(int nl, const char *name);

struct link_info {
	int index, master; /* master 0: no bridge's port */
	int peer;          /* index of a veth's other end, in a namespace of its own; 0 none */
	char name[IFNAMSIZ];
	char alias[96]; /* "" when it has none */
	char kind[16];  /* "bridge", "veth"; "" for hardware */
	unsigned mtu;
	bool up, running; /* switched on; and carrying (the other end is up, too) */
	uint8_t mac[6];
};
/* Calls each() with every link until it returns non-zero. */
int link_each(int nl, int (*each)(const struct link_info *l, void *data), void *data);
/* One link by name; -ENODEV. */
int link_get(int nl, const char *name, struct link_info *ret);

#endif
