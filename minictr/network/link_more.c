/*
 * link_more.c - links, the rest: bridges, properties, removal, lists.
 *
 * Kernel interface: rtnetlink(7), linux/if_link.h.
 */
#include "network/link_more.h"

#include <errno.h>
#include <linux/if_arp.h>
#include <linux/if_link.h>
#include <string.h>
#include "base/util.h"
#include "network/message.h"

/* --- reading --- */

static void link_copy(char *out, size_t size, const struct nlmsghdr *h, int type)
{
	size_t len;
	const char *text = message_find(h, sizeof(struct ifinfomsg), type, &len);
	snprintf(out, size, "%.*s", text ? (int)len : 0, text ? text : "");
}

static int link_number(const struct nlmsghdr *h, int type)
{
	const uint32_t *n = message_find(h, sizeof(struct ifinfomsg), type, NULL);
	return n ? (int)*n : 0;
}

/* IFLA_INFO_KIND, inside IFLA_LINKINFO. */
static void link_kind(char *out, size_t size, const struct nlmsghdr *h)
{
	size_t len;
	const uint8_t *p = message_find(h, sizeof(struct ifinfomsg), IFLA_LINKINFO, &len),
		      *end = p ? p + len : NULL;
	*out = '\0';
	while (p && p + NLA_HDRLEN <= end) {
		const struct nlattr *a = (const struct nlattr *)p;
		if (a->nla_len < NLA_HDRLEN || p + a->nla_len > end)
			return;
		if (a->nla_type == IFLA_INFO_KIND)
			snprintf(out, size, "%.*s", a->nla_len - NLA_HDRLEN, (const char *)p + NLA_HDRLEN);
		p += NLA_ALIGN(a->nla_len);
	}
}

static void link_read(const struct nlmsghdr *h, struct link_info *l)
{
	const struct ifinfomsg *m = NLMSG_DATA(h);
	size_t len;
	*l = (struct link_info){
		.index = m->ifi_index, .up = m->ifi_flags & IFF_UP, .running = m->ifi_flags & IFF_RUNNING
	};
	link_copy(l->name, sizeof(l->name), h, IFLA_IFNAME);
	link_copy(l->alias, sizeof(l->alias), h, IFLA_IFALIAS);
	link_kind(l->kind, sizeof(l->kind), h);
	l->master = link_number(h, IFLA_MASTER);
	l->peer = link_number(h, IFLA_LINK);
	l->mtu = (unsigned)link_number(h, IFLA_MTU);
	const uint8_t *mac = message_find(h, sizeof(*m), IFLA_ADDRESS, &len);
	if (mac && len == sizeof(l->mac))
		memcpy(l->mac, mac, len);
}

struct link_walk {
	int (*each)(const struct link_info *l, void *data);
	void *data;
};

static int link_walk_one(const struct nlmsghdr *h, void *data)
{
	const struct link_walk *w = data;
	struct link_info l;
	if (h->nlmsg_type != RTM_NEWLINK)
		return 0;
	link_read(h, &l);
	return w->each(&l, w->data);
}

int link_each(int nl, int (*each)(const struct link_info *l, void *data), void *data)
{
	struct message m;
	struct ifinfomsg all = { 0 };
	struct link_walk w = { each, data };
	message_begin(&m, RTM_GETLINK, 0, &all, sizeof(all));
	return message_dump(nl, &m, link_walk_one, &w);
}

/* The kernel answers a question for one link with the link itself, or with an error. */
int link_get(int nl, const char *name, struct link_info *ret)
{
	struct message m;
	struct ifinfomsg any = { 0 };
	_Alignas(struct nlmsghdr) char answer[16384];
	struct nlmsghdr *h = (struct nlmsghdr *)m.bytes, *a = (struct nlmsghdr *)answer;
	message_begin(&m, RTM_GETLINK, 0, &any, sizeof(any));
	message_string(&m, IFLA_IFNAME, name);
	if (send(nl, h, h->nlmsg_len, 0) < 0)
		return -errno;
	ssize_t n;
	do
		n = recv(nl, answer, sizeof(answer), 0);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	if (!NLMSG_OK(a, (size_t)n))
		return -EBADMSG;
	if (a->nlmsg_type == NLMSG_ERROR)
		return ((const struct nlmsgerr *)NLMSG_DATA(a))->error;
	link_read(a, ret);
	return 0;
}

int link_index(int nl, const char *name)
{
	struct link_info l;
	int rc = link_get(nl, name, &l);
	return rc < 0 ? rc : l.index;
}

/* --- writing --- */

static void link_begin(struct message *m, int flags, const char *name)
{
	struct ifinfomsg link = { 0 };
	message_begin(m, RTM_NEWLINK, flags, &link, sizeof(link));
	message_string(m, IFLA_IFNAME, name);
}

/* The alias and the MAC address of a new link. Without a MAC of its own a bridge takes that of a port. */
int bridge_create(int nl, const char *name, const uint8_t mac[6], const char *alias)
{
	struct message m;
	link_begin(&m, NLM_F_CREATE | NLM_F_EXCL, name);
	message_attribute(&m, IFLA_ADDRESS, mac, 6);
	size_t info = message_nest(&m, IFLA_LINKINFO);
	message_string(&m, IFLA_INFO_KIND, "bridge");
	message_nest_end(&m, info);
	int rc = message_send(nl, &m, "RTM_NEWLINK %s bridge", name);
	if (rc < 0)
		return rc;
	link_begin(&m, 0, name);
	message_string(&m, IFLA_IFALIAS, alias);
	return message_send(nl, &m, "RTM_NEWLINK, alias");
}

int link_set(int nl, const char *name, const struct link_settings *s)
{
	struct message m;
	uint8_t none = IN6_ADDR_GEN_MODE_NONE;
	link_begin(&m, 0, name);
	if (s->mac)
		message_attribute(&m, IFLA_ADDRESS, s->mac, 6);
	if (s->mtu)
		message_u32(&m, IFLA_MTU, s->mtu);
	if (s->no_ipv6) {
		size_t spec = message_nest(&m, IFLA_AF_SPEC), six = message_nest(&m, AF_INET6);
		message_attribute(&m, IFLA_INET6_ADDR_GEN_MODE, &none, sizeof(none));
		message_nest_end(&m, six);
		message_nest_end(&m, spec);
	}
	return message_send(
		nl, &m, "RTM_NEWLINK %s mac, mtu%s", name, s->no_ipv6 ? ", addrgenmode none" : "");
}

int link_port(int nl, const char *name, bool alone)
{
	struct message m;
	uint8_t on = 1, isolated = alone;
	link_begin(&m, 0, name);
	size_t info = message_nest(&m, IFLA_LINKINFO);
	message_string(&m, IFLA_INFO_SLAVE_KIND, "bridge");
	size_t data = message_nest(&m, IFLA_INFO_SLAVE_DATA);
	message_attribute(&m, IFLA_BRPORT_MODE, &on, sizeof(on));
	message_attribute(&m, IFLA_BRPORT_ISOLATED, &isolated, sizeof(isolated));
	message_nest_end(&m, data);
	message_nest_end(&m, info);
	return message_send(nl, &m, "RTM_NEWLINK %s hairpin%s", name, alone ? ", isolated" : "");
}

int link_unplug(int nl, const char *name)
{
	struct message m;
	struct ifinfomsg link = { .ifi_change = IFF_UP };
	message_begin(&m, RTM_NEWLINK, 0, &link, sizeof(link));
	message_string(&m, IFLA_IFNAME, name);
	message_u32(&m, IFLA_MASTER, 0);
	return message_send(nl, &m, "RTM_NEWLINK %s down", name);
}

int link_delete(int nl, const char *name)
{
	struct message m;
	struct ifinfomsg link = { 0 };
	message_begin(&m, RTM_DELLINK, 0, &link, sizeof(link));
	message_string(&m, IFLA_IFNAME, name);
	return message_send(nl, &m, "RTM_DELLINK %s", name);
}
