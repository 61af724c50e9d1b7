/*
 * attach.h - the kernel's part of networks: a bridge for a network, a cable for a container. No record is
 * read here.
 */
#ifndef MC_NETWORK_ATTACH_H
#define MC_NETWORK_ATTACH_H

#include "network/network_record.h"

/* The host's end of a container's cable: "v", 4 digits of the engine, 8 of the container, and the number of
 * its inner end: 0 of eth0. */
void attach_link_name(
	const struct net_home *h, const char *container, const char *ifname, char out[IFNAMSIZ]);

/*
 * Makes the bridge of n when it is not there, with its address, and lets the host forward for it. Everything
 * may be there already, or half of it. -EEXIST when a link of that name is not ours or a route of the host
 * overlaps the subnet.
 */
int network_up(const struct net_home *h, const struct network *n, struct mc_err *err);
/* Links that network_up() made forward stop to do so, unless the whole host forwards by now. */
void network_forward_restore(const struct net_home *h);
/* Removes the bridge, if it is ours. Nothing there: nothing to do. */
void network_down(const struct net_home *h, const struct network *n);
/* Removes every link of this engine. keep() says which links stay (data is handed on); NULL: none. */
void network_sweep_links(const struct net_home *h, bool (*keep)(const char *name, void *data), void *data);

/*
 * Connects a container: a cable from n's bridge into the namespace netns, with the lease's addresses and
 * routes. n is up. link: attach_link_name(). A link of that name that a crash left is replaced. On failure no
 * link is left.
 */
int endpoint_plug(
	const struct network *n, const struct lease *l, const char *link, int netns, struct mc_err *err);
/* Only the addresses and default routes of l, in the namespace: one more, or they moved to this network. */
int endpoint_route(const struct lease *l, int netns, struct mc_err *err);
/* Pulls the cable. The links vanish a little later: removing one takes the kernel 10 to 30 ms. */
void endpoint_unplug(const char *link);

#endif
