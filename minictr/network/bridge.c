/*
 * bridge.c - a network of containers: plugging in, addresses, the way out and the way in.
 *
 * Kernel objects and man pages: rtnetlink(7), bridge(8), ip-address(8), ip-route(8), nft(8).
 * The picture: a bridge is a switch made of software. Each container's cable ends at one of its ports. The
 * bridge has an address of its own: the containers' gateway. Behind the gateway the host routes and rewrites
 * addresses.
 *
 *     container A          host                                    outside
 *     eth0 ---- veth ---- [bridge 10.213.0.1] -- route, nat -- uplink ---->
 *     container B          |
 *     eth0 ---- veth ------'
 *
 * Order: link up, then address and route: the kernel refuses a route through a link that is down. Rules come
 * last, since they let packets in.
 */
#include "network/bridge.h"

#include <linux/if_addr.h>
#include <linux/if_link.h>
#include "network/link.h"
#include "network/link_more.h"
#include "network/message.h"

/*
 * Makes the link `port` a port of the bridge `bridge` and switches both on: what one container sends then
 * reaches all others. A port needs no address; the bridge's own address makes it the gateway. nl is a socket
 * of the host's namespace.
 *
 * Lab 07.3: A bridge is a switch: it joins links, and forwards frames only while it is up.
 */
int bridge_attach(int nl, const char *bridge, const char *port)
{
	struct message m;
	struct ifinfomsg link = { .ifi_flags = IFF_UP, .ifi_change = IFF_UP };
	int index = link_index(nl, bridge);
	if (index < 0)
		return index;
	message_begin(&m, RTM_NEWLINK, 0, &link, sizeof(link));
	message_string(&m, IFLA_IFNAME, port);
	message_u32(&m, IFLA_MASTER, (uint32_t)index);
	int rc = message_send(nl, &m, "RTM_NEWLINK %s master %s", port, bridge);
	return rc < 0 ? rc : link_up(nl, bridge);
}

/* One route to everywhere through gateway: replaced, not added, so there is never a second one. */
static int bridge_default_route(int nl, const struct address *gateway, int index)
{
	struct message m;
	char text[ADDRESS_TEXT];
	struct rtmsg route = { .rtm_family = (unsigned char)gateway->family,
		.rtm_table = RT_TABLE_MAIN,
		.rtm_protocol = RTPROT_STATIC,
		.rtm_scope = RT_SCOPE_UNIVERSE,
		.rtm_type = RTN_UNICAST };
	message_begin(&m, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE, &route, sizeof(route));
	message_attribute(&m, RTA_GATEWAY, gateway->bytes, address_bytes(gateway));
	message_u32(&m, RTA_OIF, (uint32_t)index);
	return message_send(nl, &m, "RTM_NEWROUTE default via %s", address_text(gateway, text));
}

/*
 * Gives the link l->ifname the addresses of the lease, switches it on and adds the default routes of the
 * lease. The prefix tells which addresses are neighbours, reached without the gateway. nl is a socket made
 * inside the container's namespace. A family that the lease does not have is left alone.
 *
 * Lab 07.4: An address names this host, its prefix tells who the neighbours are, the default route who
 * carries the rest.
 */
int address_and_route(int nl, const struct lease *l)
{
	const struct subnet *addresses[] = { &l->address4, &l->address6 };
	const struct address *gateways[] = { &l->gateway4, &l->gateway6 };
	int index = link_index(nl, l->ifname), rc = index < 0 ? index : 0;
	for (int i = 0; rc >= 0 && i < 2; i++) {
		const struct address *a = &addresses[i]->address;
		/* NODAD: else an IPv6 address may not be used for the first second or two (RFC 4862) */
		struct ifaddrmsg msg = { .ifa_family = (uint8_t)a->family,
			.ifa_prefixlen = (uint8_t)addresses[i]->prefix,
			.ifa_flags = i ? IFA_F_NODAD : 0,
			.ifa_index = (unsigned)index };
		struct message m;
		char text[ADDRESS_TEXT];
		if (!a->family)
			continue;
		message_begin(&m, RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE, &msg, sizeof(msg));
		message_attribute(&m, IFA_LOCAL, a->bytes, address_bytes(a));
		message_attribute(&m, IFA_ADDRESS, a->bytes, address_bytes(a));
		rc = message_send(nl, &m, "RTM_NEWADDR %s %s", l->ifname, subnet_text(addresses[i], text));
	}
	if (rc >= 0)
		rc = link_up(nl, l->ifname); /* a route through a link that is down is refused */
	for (int i = 0; rc >= 0 && i < 2; i++)
		if (gateways[i]->family)
			rc = bridge_default_route(nl, gateways[i], index);
	return rc;
}

/* One masquerade rule: what comes from subnet and does not stay on the bridge. */
static void bridge_masquerade(
	const struct network *n, struct text *nft, const char *family, const struct subnet *subnet)
{
	char text[ADDRESS_TEXT];
	struct subnet whole = { subnet_first(subnet), subnet->prefix };
	if (subnet->address.family)
		text_line(nft, "add rule inet %s nat_%s %s saddr %s oifname != \"%s\" masquerade", n->table,
			n->bridge, family, subnet_text(&whole, text), n->bridge);
}

/*
 * Writes the commands that let containers of n speak to the world: on its way out, a packet gets the host's
 * address, because no machine outside knows the container's. Neighbours on the bridge see the real address.
 * The rules stand in a chain of this network, nat_BRIDGE, and no other chain is touched. A network that is
 * internal, or that keeps its addresses, gets an empty chain. Running the commands twice changes nothing.
 *
 * Lab 07.5: Masquerading gives packets that leave the network the host's address, and only those.
 */
int nat_rules(const struct network *n, struct text *nft)
{
	text_line(nft,
		"add chain inet %s nat_%s { type nat hook postrouting priority srcnat; policy accept; }",
		n->table, n->bridge);
	/* nft adds rules, it does not compare them: without this a second run would double them */
	text_line(nft, "flush chain inet %s nat_%s", n->table, n->bridge);
	if (n->internal || n->no_masquerade)
		return 0;
	bridge_masquerade(n, nft, "ip", &n->subnet4);
	bridge_masquerade(n, nft, "ip6", &n->subnet6);
	return 0;
}

/*
 * Writes the command that publishes one port: connections to p->host and p->host_port go to p->container and
 * p->container_port. It is one element of a map that a rule of the table looks up: port4_any or port6_any
 * when p->host is the address of no interface (0.0.0.0, ::), port4_at or port6_at, with the address in the
 * key, otherwise.
 *
 * Lab 07.6: Publishing rewrites the destination: the host's port on the left, the container's on the right.
 */
int publish_rules(const struct port *p, struct text *nft)
{
	char host[ADDRESS_TEXT], container[ADDRESS_TEXT];
	char family = p->container.family == AF_INET ? '4' : '6';
	address_text(&p->container, container);
	if (address_is_any(&p->host))
		text_line(nft, "add element inet %s port%c_any { %s . %u : %s . %u }", p->table, family,
			p->protocol, p->host_port, container, p->container_port);
	else
		text_line(nft, "add element inet %s port%c_at { %s . %s . %u : %s . %u }", p->table, family,
			address_text(&p->host, host), p->protocol, p->host_port, container,
			p->container_port);
	return 0;
}
