/*
 * net_check.c - why can A not reach B?
 *
 * Kernel objects and man pages: rtnetlink(7), setns(2), proc_pid_net(5), nft(8).
 * Order: a packet's own way. Link inside, address, route; cable, bridge; a common network; the name; who
 * listens, and on which address; rules; other programs' firewalls. What is well is said, too: it need not be
 * looked at again.
 */
#include "engine/net_check.h"

#include <fcntl.h>
#include <sched.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/file.h"
#include "base/sys.h"
#include "engine/endpoints.h"
#include "network/attach.h"
#include "network/firewall.h"
#include "network/link_more.h"
#include "network/message.h"
#include "network/nft.h"

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

static const char *check_text(const struct json *o, const char *key)
{
	const char *s = json_text_of(json_member(o, key));
	return s ? s : "";
}

/* --- inside --- */

struct inside {
	struct subnet want;  /* the address that should be there */
	int index;           /* of its link */
	bool address, route; /* found */
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
	((struct inside *)data)->route |= h->nlmsg_type == RTM_NEWROUTE && !r->rtm_dst_len &&
					  r->rtm_type == RTN_UNICAST && r->rtm_table == RT_TABLE_MAIN;
	return 0;
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
	struct message m;
	struct ifaddrmsg addresses = { .ifa_family = AF_INET };
	const char *ifname = check_text(have, "InterfaceName"), *ip = check_text(have, "IPAddress");
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
	message_begin(&m, RTM_GETADDR, 0, &addresses, sizeof(addresses));
	message_dump(nl, &m, inside_address, &in);
	if (!in.address)
		check_fault(k, again, "%s: the address %s/%u is not on %s any more", c->name, ip,
			in.want.prefix, ifname);
	else
		check_well(k, "%s: %s is up and has %s/%u", c->name, ifname, ip, in.want.prefix);
}

static void check_way_out(struct check *k, const struct container *c)
{
	struct mc_err err = { 0 };
	struct inside in = { 0 };
	struct message m;
	struct rtmsg routes = { .rtm_family = AF_INET };
	_cleanup_close_ int nl = inside_socket(c->init.pid, &err);
	if (nl < 0)
		return;
	message_begin(&m, RTM_GETROUTE, 0, &routes, sizeof(routes));
	message_dump(nl, &m, inside_route, &in);
	if (in.route)
		check_well(k, "%s: there is a default route", c->name);
	else if (*check_text(c->net, "Way4"))
		check_fault(k, "restart it, or add it inside: ip route add default via GATEWAY",
			"%s: no default route", c->name);
	else
		check_well(k, "%s: no default route, and none is meant: its networks are internal", c->name);
}

/* --- outside --- */

static void check_outside(
	struct check *k, const struct container *c, const struct network *n, const struct json *have)
{
	struct mc_err err = { 0 };
	struct link_info cable, bridge;
	const char *link = check_text(have, "HostLink");
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
}

static void check_rules(struct check *k, const struct network *n)
{
	if (nft_table_handle(n->table))
		check_well(k, "our rules are there: nft list table inet %s", n->table);
	else
		check_fault(k, "minictr network repair",
			"the table %s with our rules is gone: another program has flushed all rules",
			n->table);
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
	const char *mode = check_text(c->host, "NetworkMode");
	struct json_iter it = { 0 };
	if (!c->init.pid) {
		_cleanup_free_ char *fix = xasprintf("minictr start %s", c->name);
		check_fault(k, fix, "%s does not run", c->name);
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
		check_rules(k, &n);
	}
	check_way_out(k, c);
	return 0;
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
		check_well(k, "%s and %s are both in network %s; %s is known there by its name", a->name,
			b->name, common, b->name);
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
