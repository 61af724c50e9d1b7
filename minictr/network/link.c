/*
 * link.c - links: what the ip command does, in two messages.
 *
 * Kernel objects and man pages: rtnetlink(7), veth(4), network_namespaces(7).
 * A link belongs to one network namespace. A veth is two links and a cable: what is sent into one end comes
 * out of the other, and the two may lie in two namespaces. That is how a container is plugged into the host.
 */
#include "network/link.h"

#include <linux/if_link.h>
#include <linux/veth.h>
#include <net/if.h>
#include "network/message.h"

/*
 * Switches the link `name` on, in the namespace of the socket nl. Every link starts switched off, also the
 * loopback of a new namespace: until then not even 127.0.0.1 answers there. The kernel's refusal is returned,
 * never lost.
 *
 * Lab 07.1: A link carries packets only after it is up, and only an acknowledged request is known to have
 * worked.
 */
int link_up(int nl, const char *name)
{
	struct message m;
	/* ifi_change says which of the flags are meant: the others stay as they are */
	struct ifinfomsg link = { .ifi_flags = IFF_UP, .ifi_change = IFF_UP };
	message_begin(&m, RTM_NEWLINK, 0, &link, sizeof(link));
	message_string(&m, IFLA_IFNAME, name);
	return message_send(nl, &m, "RTM_NEWLINK %s up", name);
}

/*
 * Makes a pair of links that are joined: `host` in the namespace of the socket nl, `inside` in the namespace
 * that the descriptor netns names. Nothing else is in the container's namespace then, and nothing but `host`
 * is new outside. When it fails neither end is there.
 *
 * Lab 07.2: One end of the cable is born in the container's namespace, the other stays outside.
 */
int veth_create(int nl, const char *host, const char *inside, int netns)
{
	struct message m;
	struct ifinfomsg link = { 0 }, peer = { 0 };
	message_begin(&m, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &link, sizeof(link));
	message_string(&m, IFLA_IFNAME, host);
	size_t info = message_nest(&m, IFLA_LINKINFO);
	message_string(&m, IFLA_INFO_KIND, "veth");
	size_t data = message_nest(&m, IFLA_INFO_DATA);
	size_t other = message_nest(&m, VETH_INFO_PEER);
	message_raw(&m, &peer, sizeof(peer));
	message_string(&m, IFLA_IFNAME, inside);
	/* Made there at once: made outside first, it would be visible, and its name could be in use. */
	message_u32(&m, IFLA_NET_NS_FD, (uint32_t)netns);
	message_nest_end(&m, other);
	message_nest_end(&m, data);
	message_nest_end(&m, info);
	return message_send(nl, &m, "RTM_NEWLINK %s veth %s", host, inside);
}
