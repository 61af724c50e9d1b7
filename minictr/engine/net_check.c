/*
 * net_check.c - why can A not reach B?
 *
 * Kernel objects and man pages: rtnetlink(7), setns(2), proc_pid_net(5), nft(8).
 * Order: a packet's own way. Link inside, address, route, name server; cable, bridge, the host's own routes
 * and forwarding; a common network; the name; who listens, and on which address; rules; other programs'
 * firewalls. What works is reported too, so that it need not be looked at again.
 */
#include "engine/net_check.h"

#include <fcntl.h>
#include <sched.h>
#include <stdarg.h>
#include <unistd.h>
#include "base/file.h"
#include "base/sys.h"
#include "engine/endpoints.h"
#include "network/attach.h"
#include "network/firewall.h"
#include "network/lease.h"
#include "network/link_more.h"
#include "network/message.h"
#include "network/nft.h"
#include "network/nft_element.h"
#include "network/pool.h"

struct check {
	struct engine *engine;
	net_check_say *say;
	void *data;
	int faults;
};

static void check_well(struct check *k, const char *fmt, ...) PRINTF_LIKE(2, 3);
static void check_well(struct check *k, const char *fmt, ...)
{
	char text[512];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	k->say(true, text, "", k->data);
}

static void check_fault(struct check *k, const char *fix, const char *fmt, ...) PRINTF_LIKE(3, 4);
static void check_fault(struct check *k, const char *fix, const char *fmt, ...)
{
	char text[512];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	k->faults++;
	k->say(false, text, fix, k->data);
}

/* --- inside --- */

struct inside {
	struct subnet want; /* the address that should be there */
	int index;          /* of its link */
	bool address;       /* found */
	int routes;         /* default ones */
	struct address gateway;
};

static int inside_address(const struct nlmsghdr *h, void *data)
{
	struct inside *i = data;
	const struct ifaddrmsg *a = NLMSG_DATA(h);
	const void *local = message_find(h, sizeof(*a), IFA_LOCAL, NULL);
	i->address |= h->nlmsg_type == RTM_NEWADDR && (int)a->ifa_index == i->index && local &&
		      !memcmp(local, i->want.address.bytes, 4) && a->ifa_prefixlen == i->want.prefix;
	return 0;
}

static int inside_route(const struct nlmsghdr *h, void *data)
{
	const struct rtmsg *r = NLMSG_DATA(h);
	struct inside *i = data;
	const uint32_t *link = message_find(h, sizeof(*r), RTA_OIF, NULL);
	const void *gateway = message_find(h, sizeof(*r), RTA_GATEWAY, NULL);
	if (h->nlmsg_type != RTM_NEWROUTE || r->rtm_dst_len || r->rtm_type != RTN_UNICAST ||
		r->rtm_table != RT_TABLE_MAIN)
		return 0;
	i->routes++;
	i->index = link ? (int)*link : 0;
	i->gateway.family = AF_INET;
	memcpy(i->gateway.bytes, gateway ? gateway : i->gateway.bytes, 4);
	return 0;
}

static void inside_ask_routes(int nl, struct inside *in)
{
	struct message m;
	struct rtmsg routes = { .rtm_family = AF_INET };
	message_begin(&m, RTM_GETROUTE, 0, &routes, sizeof(routes));
	message_dump(nl, &m, inside_route, in);
}

/* Has the link with in->index the address in->want? */
static bool inside_has_address(int nl, struct inside *in)
{
	struct message m;
	struct ifaddrmsg addresses = { .ifa_family = AF_INET };
	message_begin(&m, RTM_GETADDR, 0, &addresses, sizeof(addresses));
	message_dump(nl, &m, inside_address, in);
	return in->address;
}

/* A route socket in the namespace of the process. */
static int inside_socket(pid_t pid, struct mc_err *err)
{
	_cleanup_close_ int netns = endpoints_namespace(pid, err);
	_cleanup_close_ int own =
		netns < 0 ? netns : sys_open(AT_FDCWD, "/proc/self/ns/net", O_RDONLY, 0, err);
	int rc = own < 0 ? own : sys_setns(netns, CLONE_NEWNET, err);
	if (rc < 0)
		return rc;
	int nl = sys_netlink(NETLINK_ROUTE, err);
	rc = sys_setns(own, CLONE_NEWNET, err);
	return rc < 0 ? rc : nl;
}

static void check_inside(
	struct check *k, const struct container *c, const char *network, const struct json *have)
{
	struct mc_err err = { 0 };
	struct link_info l;
	struct inside in = { 0 };
	const char *ifname = json_text_at(have, "InterfaceName", ""),
		   *ip = json_text_at(have, "IPAddress", "");
	_cleanup_free_ char *again =
		xasprintf("minictr network disconnect %s %s; minictr network connect %s %s", network, c->name,
			network, c->name);
	_cleanup_close_ int nl = inside_socket(c->init.pid, &err);
	if (nl < 0 || link_get(nl, ifname, &l) < 0) {
		check_fault(k, again, "%s: the link %s is not there", c->name, ifname);
		return;
	}
	if (!l.up) {
		_cleanup_free_ char *fix =
			xasprintf("nsenter -t %d -n ip link set %s up", (int)c->init.pid, ifname);
		check_fault(k, fix, "%s: the link %s is down", c->name, ifname);
		return;
	}
	address_parse(ip, AF_INET, &in.want.address);
	in.want.prefix = (unsigned)json_int_of(json_member(have, "IPPrefixLen"));
	in.index = l.index;
	if (!inside_has_address(nl, &in))
		check_fault(k, again, "%s: the address %s/%u is not on %s any more", c->name, ip,
			in.want.prefix, ifname);
	else
		check_well(k, "%s: %s is up and has %s/%u", c->name, ifname, ip, in.want.prefix);
}

/* The gateway of the network that has the default route. */
static const char *check_gateway(const struct container *c)
{
	const struct json *networks = json_member(c->net, "Networks");
	const char *way = json_text_at(c->net, "Way4", "");
	struct json_iter it = { 0 };
	while (*way && json_kind_of(networks) == JSON_OBJECT && json_next(networks, &it))
		if (str_eq(json_text_at(it.value, "IPAddress", ""), way))
			return json_text_at(it.value, "Gateway", "");
	return "";
}

static void check_way_out(struct check *k, const struct container *c)
{
	struct mc_err err = { 0 };
	struct inside in = { 0 };
	char found[ADDRESS_TEXT];
	const char *gateway = check_gateway(c);
	_cleanup_free_ char *fix =
		xasprintf("nsenter -t %d -n ip route replace default via %s", (int)c->init.pid, gateway);
	_cleanup_close_ int nl = inside_socket(c->init.pid, &err);
	if (nl < 0)
		return;
	inside_ask_routes(nl, &in);
	if (!*gateway && !in.routes)
		check_well(k, "%s: no default route, and none is meant: its networks are internal", c->name);
	else if (!in.routes)
		check_fault(k, fix, "%s: no default route", c->name);
	else if (in.routes > 1)
		check_fault(k, "remove all but one of them inside: ip route del default via GATEWAY",
			"%s: %d default routes; packets leave by either", c->name, in.routes);
	else if (*gateway && !str_eq(address_text(&in.gateway, found), gateway))
		check_fault(k, fix, "%s: the default route leads to %s, its gateway is %s", c->name, found,
			gateway);
	else
		check_well(k, "%s: there is a default route", c->name);
}

/* 127.0.0.11 as /proc/PID/net/udp writes it; the port is not always 53 (dns_move()). */
static bool names_served(pid_t pid)
{
	_cleanup_free_ char *path = xasprintf("/proc/%d/net/udp", (int)pid);
	_cleanup_buf_ struct buf b = { 0 };
	struct mc_err ignored = { 0 };
	return file_read(AT_FDCWD, path, 1 << 20, &b, &ignored) >= 0 && b.data &&
	       strstr(b.data, ": 0B00007F:");
}

static bool names_asked(pid_t pid)
{
	_cleanup_free_ char *path = xasprintf("/proc/%d/root", (int)pid);
	_cleanup_buf_ struct buf b = { 0 };
	struct mc_err ignored = { 0 };
	_cleanup_close_ int root = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	_cleanup_close_ int fd =
		root < 0 ? root : file_open_regular_beneath(root, "etc/resolv.conf", NULL, &ignored);
	return fd < 0 || file_read_fd(fd, "resolv.conf", 1 << 16, &b, &ignored) < 0 ||
	       (b.data && strstr(b.data, "127.0.0.11"));
}

static void check_names(struct check *k, const struct container *c)
{
	_cleanup_free_ char *again = xasprintf("minictr restart %s", c->name);
	if (!names_served(c->init.pid))
		check_fault(k, again,
			"%s: no name server at 127.0.0.11 inside: the container's monitor has ended",
			c->name);
	else if (!names_asked(c->init.pid))
		check_fault(k, "let the first line of it be: nameserver 127.0.0.11",
			"%s: its /etc/resolv.conf asks another server, which knows no container", c->name);
	else
		check_well(k, "%s: the name server 127.0.0.11 is there", c->name);
}

/* --- outside --- */

static bool check_forwards(const char *link)
{
	_cleanup_free_ char *path = xasprintf("/proc/sys/net/ipv4/conf/%s/forwarding", link);
	_cleanup_buf_ struct buf b = { 0 };
	struct mc_err ignored = { 0 };
	return file_read(AT_FDCWD, path, 16, &b, &ignored) < 0 || (b.data && *b.data == '1');
}

/* The host as a router: its address on the bridge, its own routes, forwarding. */
static void check_host(struct check *k, int nl, const struct network *n, int bridge)
{
	_cleanup_subnet_list_ struct subnet_list routes = { 0 };
	struct inside gateway = { .want = n->subnet4, .index = bridge }, way = { 0 };
	char text[ADDRESS_TEXT], uplink[IFNAMSIZ] = "";
	const char *links[] = { n->bridge, uplink };
	if (n->subnet4.address.family && !n->isolated_gateway && !inside_has_address(nl, &gateway)) {
		_cleanup_free_ char *fix =
			xasprintf("ip addr add %s dev %s", subnet_text(&n->subnet4, text), n->bridge);
		check_fault(k, fix, "the bridge %s has not its address: the gateway of network %s", n->bridge,
			n->name);
	}
	pool_routes(nl, n->bridge, &routes);
	const struct subnet *other = pool_overlap(&routes, &n->subnet4);
	if (other) {
		_cleanup_free_ char *fix =
			xasprintf("ip route show %s; remove it, or make the network anew with "
				  "another --subnet",
				subnet_text(other, text));
		check_fault(k, fix, "a route of this host takes packets for %s away from network %s", text,
			n->name);
	}
	if (n->internal)
		return;
	inside_ask_routes(nl, &way);
	if (way.routes)
		if_indextoname((unsigned)way.index, uplink);
	for (size_t i = 0; i < ARRAY_LEN(links); i++)
		if (*links[i] && !check_forwards(links[i])) {
			_cleanup_free_ char *fix =
				xasprintf("sysctl -w net.ipv4.conf.%s.forwarding=1", links[i]);
			check_fault(k, fix, "the host does not forward what comes in by %s", links[i]);
		}
}

static void check_outside(
	struct check *k, const struct container *c, const struct network *n, const struct json *have)
{
	struct mc_err err = { 0 };
	struct link_info cable, bridge;
	const char *link = json_text_at(have, "HostLink", "");
	_cleanup_free_ char *up = xasprintf("ip link set %s up", n->bridge),
			    *plug = xasprintf("ip link set %s up master %s", link, n->bridge);
	_cleanup_close_ int nl = sys_netlink(NETLINK_ROUTE, &err);
	if (nl < 0 || link_get(nl, n->bridge, &bridge) < 0)
		check_fault(k, "restart the containers of the network: that makes it",
			"the bridge %s of network %s is not there", n->bridge, n->name);
	else if (!bridge.up)
		check_fault(k, up, "the bridge %s of network %s is down", n->bridge, n->name);
	else if (link_get(nl, link, &cable) < 0)
		check_fault(k, "restart the container", "the host's end %s of %s's cable is not there", link,
			c->name);
	else if (!cable.up)
		check_fault(k, plug, "the host's end %s of %s's cable is down", link, c->name);
	else if (cable.master != bridge.index)
		check_fault(k, plug, "the cable %s of %s is not plugged into %s", link, c->name, n->bridge);
	else
		check_well(k, "%s is plugged into %s (network %s)", link, n->bridge, n->name);
	if (nl >= 0)
		check_host(k, nl, n, bridge.index);
}

static void check_rules(struct check *k, const struct container *c, const struct network *n)
{
	static const char repair[] = "minictr network repair";
	_cleanup_free_ char *chain = NULL, *command = NULL;
	if (!nft_table_handle(n->table)) {
		check_fault(k, repair,
			"the table %s with our rules is gone: another program has flushed all rules",
			n->table);
		return;
	}
	int before = k->faults;
	_cleanup_free_ char *nat = xasprintf("nat_%s", n->bridge);
	if (!nft_set_has_link(n->table, "bridges", n->bridge))
		check_fault(k, repair, "the set bridges of table %s lacks %s", n->table, n->bridge);
	if (n->internal && !nft_set_has_link(n->table, "inner", n->bridge))
		check_fault(k, repair,
			"the set inner of table %s lacks %s: network %s is not internal any more", n->table,
			n->bridge, n->name);
	if (!n->internal && !n->no_masquerade && !nft_chain_has_rules(n->table, nat))
		check_fault(k, repair, "the rule that masquerades network %s is gone (chain %s of table %s)",
			n->name, nat, n->table);
	if (!n->internal && firewall_drops(n, &chain, &command))
		check_fault(k, command,
			"another program's firewall (%s) drops what network %s sends beyond this host", chain,
			n->name);
	if (before == k->faults)
		check_well(k, "our rules are there: nft list table inet %s", n->table);
}

static void check_elements(struct check *k, const struct container *c, const char *table)
{
	struct text t = { 0 };
	char *save = NULL;
	endpoints_port_rules(c, table, &t);
	for (char *line = t.buf.data ? strtok_r(t.buf.data, "\n", &save) : NULL; line;
		line = strtok_r(NULL, "\n", &save))
		if (!nft_element_is_there(line)) {
			_cleanup_free_ char *fix = xasprintf("minictr network repair, or: nft '%s'", line);
			check_fault(k, fix, "%s: a published port is missing in table %s", c->name, table);
		}
	buf_release(&t.buf);
}

/* --- who listens --- */

enum listener { LISTENER_NONE, LISTENER_LOOPBACK, LISTENER_ALL };

/* /proc/PID/net/tcp of the container: does anyone listen on this port, and for whom? */
static enum listener check_listener(pid_t pid, uint16_t port)
{
	static const char *const files[] = { "tcp", "tcp6" };
	enum listener best = LISTENER_NONE;
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		_cleanup_free_ char *path = xasprintf("/proc/%d/net/%s", (int)pid, files[i]);
		_cleanup_fclose_ FILE *f = fopen(path, "re");
		char line[512], address[64];
		while (f && fgets(line, sizeof(line), f)) {
			unsigned local, state;
			if (sscanf(line, " %*d: %63[0-9A-F]:%x %*[0-9A-F]:%*x %x", address, &local, &state) !=
					3 ||
				local != port || state != 10)
				continue;
			bool loopback = i ? str_eq(address, "00000000000000000000000001000000")
					  : str_ends(address, "7F");
			if (!loopback)
				return LISTENER_ALL;
			best = LISTENER_LOOPBACK;
		}
	}
	return best;
}

static void check_port(struct check *k, const struct container *c, uint16_t port)
{
	switch (check_listener(c->init.pid, port)) {
	case LISTENER_ALL: check_well(k, "%s: a program listens on port %u", c->name, port); break;
	case LISTENER_LOOPBACK:
		check_fault(k,
			"let the program listen on 0.0.0.0, not on 127.0.0.1: that is the container's own "
			"loopback",
			"%s: port %u is listened on at 127.0.0.1 only", c->name, port);
		break;
	case LISTENER_NONE:
		check_fault(k, "is the program up? minictr logs shows what it said",
			"%s: no program listens on port %u", c->name, port);
	}
}

static void check_published(struct check *k, const struct container *c)
{
	const struct json *ports = json_member(c->net, "Ports");
	struct json_iter it = { 0 };
	while (json_kind_of(ports) == JSON_OBJECT && json_next(ports, &it))
		if (str_ends(it.key, "/tcp"))
			check_port(k, c, (uint16_t)atoi(it.key));
}

/* --- together --- */

static int check_container(struct check *k, const struct container *c, struct mc_err *err)
{
	struct net_home h = engine_networks(k->engine);
	const struct json *networks = json_member(c->net, "Networks");
	const char *mode = json_text_at(c->host, "NetworkMode", "");
	struct json_iter it = { 0 };
	if (!c->init.pid || c->status == CONTAINER_PAUSED) {
		_cleanup_free_ char *fix =
			xasprintf("minictr %s %s", c->init.pid ? "unpause" : "start", c->name);
		check_fault(k, fix, "%s %s", c->name, c->init.pid ? "is paused" : "does not run");
		return 0;
	}
	if (!json_len(networks)) {
		check_fault(k, "make it anew with --network NAME", "%s is in no network (mode %s)", c->name,
			mode);
		return 0;
	}
	while (json_next(networks, &it)) {
		_cleanup_network_ struct network n = { 0 };
		int rc = network_find(&h, it.key, &n, err);
		if (rc < 0)
			return rc;
		check_inside(k, c, it.key, it.value);
		check_outside(k, c, &n, it.value);
		check_rules(k, c, &n);
	}
	char table[32];
	network_table(&h, table);
	if (nft_table_handle(table))
		check_elements(k, c, table);
	check_way_out(k, c);
	check_names(k, c);
	return 0;
}

/* Both are in this network: may they speak, and is the name known there? */
static void check_neighbours(
	struct check *k, const struct container *a, const struct container *b, const char *common)
{
	struct net_home h = engine_networks(k->engine);
	_cleanup_network_ struct network n = { 0 };
	struct mc_err ignored = { 0 };
	struct lease lease;
	if (network_find(&h, common, &n, &ignored) < 0)
		return;
	_cleanup_free_ char *dir = network_dir(&h, &n);
	_cleanup_free_ char *again =
		xasprintf("minictr network disconnect %s %s; minictr network connect %s %s", common, b->name,
			common, b->name);
	if (n.no_neighbours)
		check_fault(k, "make a network without com.docker.network.bridge.enable_icc=false for them",
			"%s and %s are both in network %s, which was made so that its containers do not "
			"reach each other",
			a->name, b->name, common);
	else if (!lease_find(dir, &n, b->id, &lease))
		check_fault(k, again, "%s has no name in network %s: its line in %s/leases is gone", b->name,
			common, dir);
	else
		check_well(k, "%s and %s are both in network %s; %s is known there by its name", a->name,
			b->name, common, b->name);
}

/* A network that both are in; the name is answered in those that users make. */
static void check_pair(struct check *k, const struct container *a, const struct container *b)
{
	const struct json *mine = json_member(a->net, "Networks"), *theirs = json_member(b->net, "Networks");
	const char *common = NULL;
	struct json_iter it = { 0 };
	while (json_kind_of(mine) == JSON_OBJECT && json_next(mine, &it))
		if (json_member(theirs, it.key) && (!common || network_is_predefined(common)))
			common = it.key;
	if (!common) {
		struct json_iter first = { 0 };
		if (json_kind_of(theirs) == JSON_OBJECT)
			json_next(theirs, &first);
		_cleanup_free_ char *fix = xasprintf(
			"minictr network connect %s %s", first.key ? first.key : "NETWORK", a->name);
		check_fault(k, fix,
			"%s and %s have no network in common, and networks do not reach each other", a->name,
			b->name);
	} else if (network_is_predefined(common))
		check_fault(k, "minictr network create mine, and connect both: there names are known",
			"%s and %s are both on the default bridge, where names are not known (addresses are)",
			a->name, b->name);
	else
		check_neighbours(k, a, b, common);
}

int net_check(struct engine *e, const struct container *c, const struct container *other, uint16_t port,
	net_check_say *say, void *data, struct mc_err *err)
{
	struct check k = { .engine = e, .say = say, .data = data };
	int rc = check_container(&k, c, err);
	if (rc >= 0 && other)
		rc = check_container(&k, other, err);
	if (rc < 0)
		return rc;
	if (other && c->init.pid && other->init.pid) {
		check_pair(&k, c, other);
		if (port)
			check_port(&k, other, port);
	} else if (c->init.pid)
		check_published(&k, c);
	return k.faults;
}
