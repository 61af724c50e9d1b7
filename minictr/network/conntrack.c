/*
 * conntrack.c - connections that the kernel remembers: entries of one port are deleted.
 *
 * Kernel interface: netlink(7), NETLINK_NETFILTER, linux/netfilter/nfnetlink_conntrack.h.
 * For UDP the kernel guesses what a connection is: packets between the same two ports, with no pause of 30
 * seconds. The translation that was chosen for the first packet holds for all. So when the port changes its
 * container, the entry must go.
 */
#include "network/conntrack.h"

#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <netinet/in.h>
#include "base/sys.h"
#include "network/message.h"

struct conntrack_wanted {
	uint8_t protocol;
	uint16_t port; /* network order */
	struct conntrack_tuple {
		size_t len;
		uint8_t family, bytes[256]; /* CTA_TUPLE_ORIG, as the kernel wrote it */
	} * found;
	size_t count;
};

static int conntrack_one(const struct nlmsghdr *h, void *data)
{
	struct conntrack_wanted *w = data;
	const struct nfgenmsg *g = NLMSG_DATA(h);
	size_t len, n;
	const uint8_t *tuple = message_find(h, sizeof(*g), CTA_TUPLE_ORIG, &len);
	const uint8_t *proto = tuple ? message_inside(tuple, len, CTA_TUPLE_PROTO, &n) : NULL;
	size_t m;
	const uint8_t *number = proto ? message_inside(proto, n, CTA_PROTO_NUM, &m) : NULL;
	const uint8_t *port = proto ? message_inside(proto, n, CTA_PROTO_DST_PORT, &m) : NULL;
	if (!number || *number != w->protocol || !port || memcmp(port, &w->port, 2) ||
		len > sizeof(w->found->bytes))
		return 0;
	w->found = xrealloc(w->found, (w->count + 1) * sizeof(*w->found));
	struct conntrack_tuple *t = &w->found[w->count++];
	t->len = len;
	t->family = g->nfgen_family;
	memcpy(t->bytes, tuple, len);
	return 0;
}

void conntrack_forget(const char *protocol, uint16_t host_port)
{
	struct mc_err ignored = { 0 };
	struct conntrack_wanted w = { .protocol = str_eq(protocol, "udp") ? IPPROTO_UDP : IPPROTO_TCP,
		.port = htons(host_port) };
	struct nfgenmsg g = { .nfgen_family = AF_UNSPEC, .version = NFNETLINK_V0 };
	struct message m;
	_cleanup_close_ int nl = sys_netlink(NETLINK_NETFILTER, &ignored);
	if (nl < 0)
		return;
	message_begin(&m, NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_GET, 0, &g, sizeof(g));
	message_dump(nl, &m, conntrack_one, &w);
	for (size_t i = 0; i < w.count; i++) {
		g.nfgen_family = w.found[i].family;
		message_begin(&m, NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_DELETE, 0, &g, sizeof(g));
		message_attribute(&m, CTA_TUPLE_ORIG | NLA_F_NESTED, w.found[i].bytes, w.found[i].len);
		message_send(nl, &m, "IPCTNL_MSG_CT_DELETE");
	}
	free(w.found);
}
