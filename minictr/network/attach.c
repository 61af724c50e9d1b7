/*
 * attach.c - a bridge for a network, a cable for a container.
 *
 * Kernel objects and man pages: rtnetlink(7), veth(4), bridge(8), setns(2), the files of /proc/sys/net
 * (ip-sysctl).
 * Order and why: the bridge first: a cable needs a switch. The outer end is plugged in before the inner one
 * is switched on, so the first packet finds its way. Every step accepts that it was done before; that is how
 * a start repairs what a crash left half-made.
 * Forwarding: switched on for our bridges and for the links that lead out; the host becomes no router for
 * others.
 */
#include "network/attach.h"

#include <fcntl.h>
#include <sched.h>
#include <unistd.h>
#include "base/explain.h"
#include "base/file.h"
#include "base/sys.h"
#include "network/link.h"
#include "network/link_more.h"
#include "network/message.h"

void attach_link_name(const struct net_home *h, const char *container, const char *ifname, char out[IFNAMSIZ])
{
	static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyz";
	unsigned number = (unsigned)atoi(ifname + strcspn(ifname, "0123456789"));
	snprintf(out, IFNAMSIZ, "v%.4s%.8s%c", h->key, container, digits[number % 36]);
}

/* --- settings of links --- */

/* A setting that is right already is not written. One that does not exist in this kernel is no error. */
static bool attach_sysctl(const char *family, const char *link, const char *key, const char *value)
{
	_cleanup_free_ char *path = xasprintf("/proc/sys/net/%s/conf/%s/%s", family, link, key);
	_cleanup_buf_ struct buf now = { 0 };
	struct mc_err ignored = { 0 };
	if (file_read(AT_FDCWD, path, 64, &now, &ignored) < 0 || !now.data)
		return false;
	now.data[strcspn(now.data, "\n")] = '\0';
	return !str_eq(now.data, value) && sys_write_file(AT_FDCWD, path, value, &ignored) >= 0;
}

/* What was switched on for us, "FAMILY LINK" a line: network_forward_restore() switches it off again. */
static void attach_note(const struct net_home *h, const char *family, const char *link)
{
	_cleanup_free_ char *path = xasprintf("%s/uplinks", h->run_dir);
	_cleanup_free_ char *line = xasprintf("%s %s\n", family, link);
	struct mc_err ignored = { 0 };
	_cleanup_close_ int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (fd >= 0)
		file_write_all(fd, line, strlen(line), &ignored);
}

void network_forward_restore(const struct net_home *h)
{
	_cleanup_free_ char *path = xasprintf("%s/uplinks", h->run_dir);
	_cleanup_buf_ struct buf all = { 0 }, whole = { 0 };
	struct mc_err ignored = { 0 };
	char *save = NULL;
	if (file_read(AT_FDCWD, path, 1 << 16, &all, &ignored) < 0)
		return;
	unlink(path);
	file_read(AT_FDCWD, "/proc/sys/net/ipv4/ip_forward", 16, &whole, &ignored);
	if (whole.data && *whole.data == '1')
		return; /* another program needs it by now */
	for (char *line = all.data ? strtok_r(all.data, "\n", &save) : NULL; line;
		line = strtok_r(NULL, "\n", &save)) {
		char *link = strchr(line, ' ');
		if (!link)
			continue;
		*link++ = '\0';
		attach_sysctl(line, link, str_eq(line, "ipv4") ? "forwarding" : "force_forwarding", "0");
	}
}

/* The links through which the host reaches the world: those of its default routes. */
static int attach_each_uplink(const struct nlmsghdr *h, void *data)
{
	const struct rtmsg *r = NLMSG_DATA(h);
	const uint32_t *link = message_find(h, sizeof(*r), RTA_OIF, NULL);
	const char *family = r->rtm_family == AF_INET ? "ipv4" : "ipv6";
	char name[IFNAMSIZ];
	if (h->nlmsg_type != RTM_NEWROUTE || r->rtm_dst_len || r->rtm_type != RTN_UNICAST ||
		r->rtm_table == RT_TABLE_LOCAL || !link || !if_indextoname(*link, name))
		return 0;
	if (attach_sysctl(family, name, r->rtm_family == AF_INET ? "forwarding" : "force_forwarding", "1"))
		attach_note(data, family, name);
	return 0;
}

static void attach_forward_uplinks(const struct net_home *h, int nl, bool ipv6)
{
	struct rtmsg all = { .rtm_family = AF_INET };
	struct message m;
	message_begin(&m, RTM_GETROUTE, 0, &all, sizeof(all));
	message_dump(nl, &m, attach_each_uplink, (void *)h);
	if (!ipv6)
		return;
	all.rtm_family = AF_INET6;
	message_begin(&m, RTM_GETROUTE, 0, &all, sizeof(all));
	message_dump(nl, &m, attach_each_uplink, (void *)h);
	if (access("/proc/sys/net/ipv6/conf/all/force_forwarding", F_OK) == 0)
		return;
	/* Older kernels forward IPv6 for all links or for none, and a host that forwards stops listening to its
	 * router's announcements, unless accept_ra is 2 */
	attach_sysctl("ipv6", "default", "accept_ra", "2");
	attach_sysctl("ipv6", "all", "forwarding", "1");
}

static void attach_settings(const struct network *n)
{
	bool six = n->subnet6.address.family;
	attach_sysctl("ipv4", n->bridge, "forwarding", "1");
	/*
	 * 127.0.0.1 of the host may be rewritten to a container's address; the chain `early` keeps others
	 * out
	 */
	attach_sysctl("ipv4", n->bridge, "route_localnet", "1");
	attach_sysctl(
		"ipv6", n->bridge, "accept_ra", "0"); /* a container must not become the host's router */
	attach_sysctl("ipv6", n->bridge, "disable_ipv6", six ? "0" : "1");
	if (six)
		attach_sysctl("ipv6", n->bridge, "force_forwarding", "1");
}

/* --- a network --- */

/* The MAC address of a bridge: from its address, so that it is the same after a reboot. */
static void attach_bridge_mac(const struct network *n, uint8_t mac[6])
{
	uint64_t hash = fnv1a(n->id, strlen(n->id));
	mac[0] = 0x02;
	mac[1] = 0x42;
	memcpy(mac + 2, &hash, 4);
}

/* Which link is the way out, and how large are its packets? Containers behind a VPN need the smaller size,
 * too. */
static int attach_find_mtu(const struct nlmsghdr *h, void *data)
{
	const struct rtmsg *r = NLMSG_DATA(h);
	const uint32_t *link = message_find(h, sizeof(*r), RTA_OIF, NULL);
	if (h->nlmsg_type == RTM_NEWROUTE && !r->rtm_dst_len && r->rtm_table == RT_TABLE_MAIN && link &&
		!*(uint32_t *)data)
		*(uint32_t *)data = *link;
	return 0;
}

static unsigned attach_mtu(int nl, const struct network *n)
{
	struct rtmsg all = { .rtm_family = AF_INET };
	struct link_info l;
	struct message m;
	uint32_t index = 0;
	char name[IFNAMSIZ];
	if (n->mtu)
		return n->mtu;
	message_begin(&m, RTM_GETROUTE, 0, &all, sizeof(all));
	message_dump(nl, &m, attach_find_mtu, &index);
	return index && if_indextoname(index, name) && link_get(nl, name, &l) == 0 ? l.mtu : 1500;
}

/* A route that came after the network was made (a VPN) must not be taken from the host. */
static int attach_check_routes(int nl, const struct network *n, struct mc_err *err)
{
	_cleanup_subnet_list_ struct subnet_list routes = { 0 };
	char ours[ADDRESS_TEXT], other[ADDRESS_TEXT];
	pool_routes(nl, n->bridge, &routes);
	const struct subnet *found = pool_overlap(&routes, &n->subnet4);
	if (!found && n->subnet6.address.family)
		found = pool_overlap(&routes, &n->subnet6);
	if (!found)
		return 0;
	err_set(err, EEXIST, "network %s (%s) overlaps %s, which this host has a route to by now", n->name,
		subnet_text(&n->subnet4, ours), subnet_text(found, other));
	return err_hint(err, "create the network again with another --subnet, or remove that route");
}

static int attach_make_bridge(const struct net_home *h, int nl, const struct network *n, struct mc_err *err)
{
	uint8_t mac[6];
	char alias[64];
	struct link_info l;
	int rc = attach_check_routes(nl, n, err);
	if (rc < 0)
		return rc;
	attach_bridge_mac(n, mac);
	network_alias(h, alias);
	rc = bridge_create(nl, n->bridge, mac, alias);
	if (rc < 0 && rc != -EEXIST)
		return err_code(err, rc, "make the bridge %s", n->bridge);
	if (rc == -EEXIST && (link_get(nl, n->bridge, &l) < 0 || !str_eq(l.kind, "bridge")))
		return err_set(
			err, EEXIST, "a link named %s is there already, and it is no bridge", n->bridge);
	return 0;
}

/*
 * fe80::1 for the bridge, as docker gives it: the host asks for a container's MAC address (neighbour
 * discovery) from a link-local address when the packet's own source is not the bridge's. Without one the
 * kernel asks nothing, and the first packet from outside to a published port has no way (RFC 4861, 7.2.2).
 */
static int attach_link_local(int nl, const char *bridge)
{
	static const uint8_t fe80_1[16] = { 0xfe, 0x80, [15] = 1 };
	struct ifaddrmsg msg = { .ifa_family = AF_INET6,
		.ifa_prefixlen = 64,
		.ifa_flags = IFA_F_NODAD,
		.ifa_scope = RT_SCOPE_LINK,
		.ifa_index = if_nametoindex(bridge) };
	struct message m;
	message_begin(&m, RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE, &msg, sizeof(msg));
	message_attribute(&m, IFA_LOCAL, fe80_1, sizeof(fe80_1));
	message_attribute(&m, IFA_ADDRESS, fe80_1, sizeof(fe80_1));
	return message_send(nl, &m, "RTM_NEWADDR %s fe80::1/64", bridge);
}

/* What a bridge needs before it is switched on, and the address that claims its subnet. */
static int attach_settle_bridge(const struct net_home *h, int nl, const struct network *n, struct mc_err *err)
{
	struct lease own = { .address4 = n->subnet4, .address6 = n->subnet6 };
	attach_settings(n);
	link_set(nl, n->bridge, &(struct link_settings){ .mtu = attach_mtu(nl, n), .no_ipv6 = true });
	snprintf(own.ifname, sizeof(own.ifname), "%s", n->bridge);
	if (n->subnet6.address.family && !n->isolated_gateway)
		attach_link_local(nl, n->bridge);
	int rc = n->isolated_gateway ? link_up(nl, n->bridge) : address_and_route(nl, &own);
	if (rc < 0)
		return err_code(err, rc, "give the bridge %s its address", n->bridge);
	attach_forward_uplinks(h, nl, n->subnet6.address.family);
	return 0;
}

/*
 * One lock for all engines of this host (two --root). From the look at the host's routes to our bridge's own
 * route, no other engine may do the same: both would find the subnet free.
 */
static int attach_lock_host(const struct net_home *h, struct mc_err *err)
{
	_cleanup_free_ char *path = xasprintf("%s/../subnets.lock", h->run_dir);
	return file_lock(AT_FDCWD, path, true, err);
}

int network_up(const struct net_home *h, const struct network *n, struct mc_err *err)
{
	struct link_info l = { 0 };
	_cleanup_close_ int nl = sys_netlink(NETLINK_ROUTE, err);
	if (nl < 0)
		return nl;
	if (link_get(nl, n->bridge, &l) == 0 && str_eq(l.kind, "bridge") && l.up)
		return 0; /* switched on last, so all the rest is done */
	_cleanup_close_ int lock = attach_lock_host(h, err);
	int rc = lock < 0 ? lock : attach_make_bridge(h, nl, n, err);
	return rc < 0 ? rc : attach_settle_bridge(h, nl, n, err);
}

void network_down(const struct net_home *h, const struct network *n)
{
	struct mc_err ignored = { 0 };
	struct link_info l;
	char alias[64];
	_cleanup_close_ int nl = sys_netlink(NETLINK_ROUTE, &ignored);
	network_alias(h, alias);
	if (nl < 0 || link_get(nl, n->bridge, &l) < 0)
		return;
	/* a killed command may have given no alias: the name tells that the link is ours, too */
	bool half_made = !*l.alias && str_eq(l.kind, "bridge") && !n->named_by_user;
	if (str_eq(l.alias, alias) || half_made)
		link_delete(nl, n->bridge);
}

struct attach_sweep {
	char alias[64];
	char prefix[8];
	char **names;
	bool (*keep)(const char *name, void *data);
	void *data;
};

static int attach_sweep_one(const struct link_info *l, void *data)
{
	struct attach_sweep *s = data;
	bool veth = str_eq(l->kind, "veth") && str_starts(l->name, s->prefix) && strlen(l->name) == 14;
	if ((veth || str_eq(l->alias, s->alias)) && (!s->keep || !s->keep(l->name, s->data)))
		strv_push(&s->names, l->name);
	return 0;
}

void network_sweep_links(const struct net_home *h, bool (*keep)(const char *name, void *data), void *data)
{
	struct mc_err ignored = { 0 };
	struct attach_sweep s = { .keep = keep, .data = data };
	_cleanup_close_ int nl = sys_netlink(NETLINK_ROUTE, &ignored);
	network_alias(h, s.alias);
	snprintf(s.prefix, sizeof(s.prefix), "v%.4s", h->key);
	if (nl < 0 || link_each(nl, attach_sweep_one, &s) < 0)
		return;
	for (size_t i = 0; s.names && s.names[i]; i++)
		link_delete(nl, s.names[i]);
	strv_free(s.names);
}

/* --- a container --- */

/* A container listens to no router's announcements. /proc/sys/net shows the reader's namespace. */
static void attach_settings_inside(const struct lease *l)
{
	if (!l)
		return;
	attach_sysctl("ipv6", l->ifname, "accept_ra", "0");
	/*
	 * Left alone without IPv6: no address is enough (link_set()). A write to disable_ipv6 tries the
	 * lock of all links again and again, on the processor, for as long as another container's end
	 * holds it.
	 */
	if (l->address6.address.family)
		attach_sysctl("ipv6", l->ifname, "disable_ipv6", "0");
}

/* A netlink socket of another network namespace: it stays there, we come back (setns(2)). l: set its link,
 * too. */
static int attach_socket_inside(int netns, const struct lease *l, struct mc_err *err)
{
	_cleanup_close_ int own = sys_open(AT_FDCWD, "/proc/self/ns/net", O_RDONLY, 0, err);
	int rc = own < 0 ? own : sys_setns(netns, CLONE_NEWNET, err);
	if (rc < 0)
		return rc;
	attach_settings_inside(l);
	int nl = sys_netlink(NETLINK_ROUTE, err);
	rc = sys_setns(own, CLONE_NEWNET, err);
	if (rc < 0) {
		close_fd(nl);
		return rc;
	}
	return nl;
}

/* The container's side: its MAC address while the link is still down, then addresses and routes. */
static int attach_inside(const struct lease *l, int netns, unsigned mtu, struct mc_err *err)
{
	char text[ADDRESS_TEXT];
	_cleanup_close_ int nl = attach_socket_inside(netns, l, err);
	if (nl < 0)
		return nl;
	struct link_settings s = { .mac = l->mac, .mtu = mtu, .no_ipv6 = !l->address6.address.family };
	int rc = link_set(nl, l->ifname, &s);
	if (rc < 0)
		return err_code(err, rc, "set the MAC address of %s", l->ifname);
	rc = address_and_route(nl, l);
	return rc < 0 ? err_code(
				err, rc, "give %s the address %s", l->ifname, subnet_text(&l->address4, text))
		      : 0;
}

static int attach_outside(int nl, const struct network *n, const struct lease *l, const char *link, int netns,
	unsigned mtu, struct mc_err *err)
{
	int rc = veth_create(nl, link, l->ifname, netns), gone;
	/* Left by a start that was killed; or the kernel takes it away just now, with the other namespace. */
	if (rc == -EEXIST && ((gone = link_delete(nl, link)) == 0 || gone == -ENODEV))
		rc = veth_create(nl, link, l->ifname, netns);
	if (rc < 0)
		return err_code(err, rc, "make the cable %s to %s in the container", link, l->ifname);
	link_set(nl, link, &(struct link_settings){ .mtu = mtu, .no_ipv6 = true });
	rc = bridge_attach(nl, n->bridge, link);
	if (rc < 0)
		return err_code(err, rc, "plug %s into the bridge %s", link, n->bridge);
	link_port(nl, link, n->no_neighbours);
	return 0;
}

int endpoint_plug(
	const struct network *n, const struct lease *l, const char *link, int netns, struct mc_err *err)
{
	_cleanup_close_ int nl = sys_netlink(NETLINK_ROUTE, err);
	if (nl < 0)
		return nl;
	unsigned mtu = attach_mtu(nl, n);
	explain_step("network.cable", 7, "a cable with two ends: one in the container, one at the bridge");
	int rc = attach_outside(nl, n, l, link, netns, mtu, err);
	if (rc >= 0) {
		explain_step("network.address", 7, "inside, the link gets its address and a way out");
		rc = attach_inside(l, netns, mtu, err);
	}
	if (rc < 0) {
		err_wrap(err, "network %s", n->name);
		link_delete(nl, link);
	}
	return rc;
}

int endpoint_route(const struct lease *l, int netns, struct mc_err *err)
{
	_cleanup_close_ int nl = attach_socket_inside(netns, NULL, err);
	int rc = nl < 0 ? nl : address_and_route(nl, l);
	return rc < 0 && nl >= 0 ? err_code(err, rc, "addresses and routes of %s", l->ifname) : rc;
}

void endpoint_unplug(const char *link)
{
	struct mc_err ignored = { 0 };
	_cleanup_close_ int nl = sys_netlink(NETLINK_ROUTE, &ignored);
	if (nl < 0 || link_unplug(nl, link) < 0)
		return;
	link_delete(nl, link);
}
