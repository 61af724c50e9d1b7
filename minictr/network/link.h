/*
 * link.h - links (network interfaces): switching them on, making pairs. Contracts of link.c.
 * nl is a socket of sys_netlink(NETLINK_ROUTE): it belongs to the network namespace in which it was made, and
 * all it does happens there, wherever the calling thread is by then.
 */
#ifndef MC_NETWORK_LINK_H
#define MC_NETWORK_LINK_H

/* Switches the link `name` on. Returns 0 or -errno (-ENODEV: no link of that name). */
int link_up(int nl, const char *name);
/*
 * Makes two links that are the ends of one cable: `host` in nl's namespace, `inside` in the namespace of the
 * descriptor netns. Returns 0 or -errno (-EEXIST: a link of that name is there already).
 */
int veth_create(int nl, const char *host, const char *inside, int netns);

#endif
