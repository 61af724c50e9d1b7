/*
 * endpoints.c - a container in its networks, from the plan to the record.
 *
 * Kernel objects and man pages: network_namespaces(7), rtnetlink(7), nft(8), flock(2).
 * Order and why:
 *   plan     addresses and ports before anything runs: /etc/hosts needs the address, a taken port should
 *            fail early
 *   plug     the runtime has made the namespace, so it belongs to the container's user namespace; the
 *            program waits
 *   record   last: a name is answered when packets can flow
 * Every object has its undo, which accepts that it was never made. A process that is killed between two
 * steps leaves a lease that is void (its process is gone), cables that vanish with the namespace, sockets
 * that are closed: nothing to do.
 */
#include "engine/endpoints.h"

#include <fcntl.h>
#include <unistd.h>
#include "base/explain.h"
#include "base/file.h"
#include "base/sys.h"
#include "base/warn.h"
#include "engine/endpoint_text.h"
#include "engine/events.h"
#include "network/attach.h"
#include "network/conntrack.h"
#include "network/lease.h"
#include "network/nft.h"
#include "network/nft_element.h"

/* --- what was asked for --- */

static const char *wish_text(const struct json *wish, const char *key)
{
	const char *s = json_text_of(json_member(wish, key));
	return s && *s ? s : NULL;
}

bool endpoints_wanted(const struct engine *e, const struct container *c)
{
	return !e->rootless && json_len(json_member(c->doc, "Networks")) > 0;
}

static void wish_request(const struct json *wish, const struct container *c, const char *ifname,
	char *const names[], struct lease_request *r)
{
	const char *four = wish_text(wish, "IPv4Address"), *six = wish_text(wish, "IPv6Address");
	const char *mac = wish_text(wish, "MacAddress");
	*r = (struct lease_request){ .id = c->id, .ifname = ifname, .names = names };
	if (four)
		address_parse(four, AF_INET, &r->address4);
	if (six)
		address_parse(six, AF_INET6, &r->address6);
	r->has_mac = mac && mac_parse(mac, r->mac) == 0;
}

/* --- planning --- */

/* Who takes an address, and where. */
struct plan_taker {
	struct engine *engine;
	const struct network *network;
};

/*
 * `network connect` was killed after it had written the record, or `disconnect` before it had: the container
 * runs, and its record has the address of this lease. So the lease becomes valid.
 */
static bool plan_is_whole(const struct plan_taker *t, struct lease_line *l)
{
	_cleanup_container_ struct container c = { 0 };
	struct mc_err ignored = { 0 };
	char text[ADDRESS_TEXT];
	if (container_load(t->engine, l->id, &c, &ignored) < 0 || !c.init.pid)
		return false;
	const struct json *have = json_member(json_member(c.net, "Networks"), t->network->name);
	const char *ip = wish_text(have, "IPAddress");
	if (!have || !str_eq(ip ? ip : "", address_text(&l->address4, text)))
		return false;
	l->state = LEASE_UP;
	l->who = c.init;
	return true;
}

/*
 * A command died between the address and the record, or a container died together with its monitor. Cable and
 * published ports go before the address is given away again, or they would lead to its next holder.
 */
static bool plan_stray(struct lease_line *l, void *data)
{
	const struct plan_taker *t = data;
	struct net_home h = engine_networks(t->engine);
	char link[IFNAMSIZ];
	if (plan_is_whole(t, l))
		return true;
	attach_link_name(&h, l->id, l->ifname, link);
	endpoint_unplug(link);
	nft_elements_forget(t->network->table, &l->address4);
	nft_elements_forget(t->network->table, &l->address6);
	return false;
}

void endpoints_mend(struct engine *e, const struct network *n)
{
	struct net_home h = engine_networks(e);
	struct plan_taker taker = { e, n };
	struct mc_err ignored = { 0 };
	_cleanup_free_ char *dir = network_dir(&h, n);
	lease_mend(dir, plan_stray, &taker, &ignored);
}

/* Addresses that the network's owner keeps for machines that are no containers: a printer, a router. */
static struct address *plan_kept(const struct network *n, size_t *ret_n)
{
	const struct json *pools = json_at(n->doc, "IPAM.Config");
	struct address *kept = NULL;
	for (size_t i = *ret_n = 0; i < json_len(pools); i++) {
		struct json_iter it = { 0 };
		while (json_next(json_member(json_item(pools, i), "AuxiliaryAddresses"), &it)) {
			kept = xrealloc(kept, (*ret_n + 1) * sizeof(*kept));
			*ret_n += address_parse(json_text_of(it.value), 0, &kept[*ret_n]) == 0;
		}
	}
	return kept;
}

/* The address of one network, as eth0, eth1 ... in the order of the list. */
int endpoint_plan(struct engine *e, const struct container *c, const struct json *wish, const char *ifname,
	struct endpoint *ep, struct mc_err *err)
{
	struct net_home h = engine_networks(e);
	const char *name = wish_text(wish, "Name");
	struct lease_request r;
	_cleanup_strv_ char **names = endpoints_names(c, wish);
	/* From the choice of the subnet to the address: `network rm` and the sweep look at leases. */
	_cleanup_close_ int lock = net_lock(e, err);
	int rc = lock < 0 ? lock : net_up(e, name ? name : "bridge", &ep->network, err);
	if (rc < 0)
		return rc;
	if (!network_is_bridge(&ep->network))
		return err_set(err, EINVAL,
			"container cannot be connected to network %s together with other networks: only "
			"bridge networks can be combined",
			ep->network.name);
	ep->wish = wish;
	ep->dir = network_dir(&h, &ep->network);
	attach_link_name(&h, c->id, ifname, ep->link);
	wish_request(wish, c, ifname, names, &r);
	struct plan_taker taker = { e, &ep->network };
	r.stray = plan_stray;
	r.data = &taker;
	struct address *kept = plan_kept(&ep->network, &r.n_kept);
	r.kept = kept;
	rc = lease_take(ep->dir, &ep->network, &r, &ep->lease, err);
	free(kept);
	return rc;
}

static int64_t endpoint_priority(const struct endpoint *ep)
{
	return json_int_of(json_member(ep->wish, "GwPriority"));
}

/* The default route of a family: highest priority, then first in the list. Internal networks lead nowhere. */
static const struct endpoint *plan_way(struct endpoints *p, int family)
{
	struct endpoint *way = NULL;
	for (size_t i = 0; i < p->count; i++) {
		struct endpoint *ep = &p->items[i];
		bool has = family == AF_INET ? ep->lease.address4.address.family
					     : ep->lease.address6.address.family;
		if (has && !ep->network.internal && (!way || endpoint_priority(ep) > endpoint_priority(way)))
			way = ep;
	}
	if (way && family == AF_INET)
		way->lease.gateway4 = way->network.subnet4.address;
	if (way && family == AF_INET6)
		way->lease.gateway6 = way->network.subnet6.address;
	return way;
}

void endpoints_choose_way(struct endpoints *p)
{
	for (size_t i = 0; i < p->count; i++)
		p->items[i].lease.gateway4 = p->items[i].lease.gateway6 = (struct address){ 0 };
	p->way4 = plan_way(p, AF_INET);
	p->way6 = plan_way(p, AF_INET6);
}

/* docker's PortBindings, and for -P a random port for each one that the image exposes. */
struct json *endpoints_bindings(const struct container *c)
{
	const struct json *given = json_member(c->host, "PortBindings");
	const struct json *exposed = json_member(c->config, "ExposedPorts");
	struct json *all = json_kind_of(given) == JSON_OBJECT ? json_copy(given) : json_new_object();
	struct json_iter it = { 0 };
	if (!container_flag(c->host, "PublishAllPorts"))
		return all;
	while (json_kind_of(exposed) == JSON_OBJECT && json_next(exposed, &it))
		if (!json_member(all, it.key)) {
			struct json *list = json_set(all, it.key, json_new_array());
			json_set_string(json_add(list, json_new_object()), "HostPort", "");
		}
	return all;
}

static int plan_ports(const struct container *c, struct endpoints *p, struct mc_err *err)
{
	static const struct address everywhere;
	_cleanup_json_ struct json *bindings = endpoints_bindings(c);
	const struct endpoint *way = p->way4 ? p->way4 : p->way6;
	if (!json_len(bindings))
		return 0;
	if (!way) {
		warn_user("published ports of container %s are ignored: its networks are internal, so no "
			  "packet gets in",
			c->name);
		return 0;
	}
	return ports_reserve(bindings, way ? &way->network.publish_host : &everywhere, &p->ports, err);
}

/* --add-host NAME:host-gateway needs a gateway: an empty line in /etc/hosts would fail later, without a
 * message. */
static int check_host_gateway(const struct container *c, const struct endpoints *p, struct mc_err *err)
{
	const struct json *extra = json_member(c->host, "ExtraHosts");
	for (size_t i = 0; i < json_len(extra) && !p->way4 && !p->way6; i++) {
		const char *pair = json_text_of(json_item(extra, i));
		if (pair && str_ends(pair, "host-gateway"))
			return err_set(err, EINVAL,
				"--add-host %s: the container's networks are internal, so there is no "
				"gateway to the host",
				pair);
	}
	return 0;
}

/*
 * The default network is a convenience: a host that cannot have one (no nf_tables, no CAP_NET_ADMIN)
 * still runs programs. One that was asked for by name, and a published port, are required.
 */
static bool lack_network(struct engine *e, struct container *c, struct endpoints *p, const struct mc_err *why)
{
	_cleanup_json_ struct json *bindings = endpoints_bindings(c);
	if (!str_eq(json_text_of(json_member(c->host, "NetworkMode")), "default") || json_len(bindings))
		return false;
	warn_user("the container has a loopback only: %s%s%s (--network none asks for just that)", why->what,
		*why->hint ? "; " : "", why->hint);
	endpoints_undo(e, c, p);
	return true;
}

static int plan_addresses(
	struct engine *e, const struct container *c, struct endpoints *p, struct mc_err *err)
{
	const struct json *list = json_member(c->doc, "Networks");
	int rc = 0;
	for (size_t i = 0; rc >= 0 && i < json_len(list); i++) {
		char ifname[IFNAMSIZ];
		snprintf(ifname, sizeof(ifname), "eth%u", (unsigned)i);
		p->count++; /* released also when half made */
		rc = endpoint_plan(e, c, json_item(list, i), ifname, &p->items[i], err);
	}
	return rc;
}

int endpoints_plan(struct engine *e, struct container *c, struct endpoints *ret, struct mc_err *err)
{
	struct mc_err why = { 0 };
	*ret = (struct endpoints){ .items = xcalloc(json_len(json_member(c->doc, "Networks")),
					   sizeof(struct endpoint)) };
	int rc = plan_addresses(e, c, ret, &why);
	if (rc < 0) {
		/* without a directory: there was no bridge, so no address was asked for */
		if (!ret->items[ret->count - 1].dir && lack_network(e, c, ret, &why))
			return 0;
		*err = why;
		return err_exit(err, 125);
	}
	endpoints_choose_way(ret);
	rc = check_host_gateway(c, ret, err);
	if (rc >= 0)
		rc = plan_ports(c, ret, err);
	if (rc >= 0)
		rc = endpoints_write_net(e, c, ret, err);
	return rc < 0 ? err_exit(err, 125) : 0;
}

/* --- plugging in --- */

int endpoints_namespace(pid_t pid, struct mc_err *err)
{
	char path[40];
	snprintf(path, sizeof(path), "/proc/%d/ns/net", (int)pid);
	return sys_open(AT_FDCWD, path, O_RDONLY, 0, err);
}

/* Addresses beside its own, for programs that agree on one (169.254.0.0/16, fe80::/64). No route is added. */
static int plug_local(const struct endpoint *ep, int netns, struct mc_err *err)
{
	const struct json *list = json_member(ep->wish, "LinkLocalIPs");
	int rc = 0;
	for (size_t i = 0; rc >= 0 && i < json_len(list); i++) {
		struct lease more = { 0 };
		struct address a;
		if (address_parse(json_text_of(json_item(list, i)), 0, &a) < 0)
			continue;
		memcpy(more.ifname, ep->lease.ifname, sizeof(more.ifname));
		*(a.family == AF_INET ? &more.address4 : &more.address6) =
			(struct subnet){ a, a.family == AF_INET ? 16 : 64 };
		rc = endpoint_route(&more, netns, err);
	}
	return rc;
}

int endpoint_connect(struct engine *e, struct endpoint *ep, int netns, struct mc_err *err)
{
	int rc = net_ensure(e, &ep->network, err);
	if (rc >= 0)
		rc = endpoint_plug(&ep->network, &ep->lease, ep->link, netns, err);
	ep->plugged = rc >= 0;
	return rc < 0 ? rc : plug_local(ep, netns, err);
}

/* We hold the port's socket, so an element with this key is a leftover: it is replaced. */
static int publish_one(const struct port *port, struct mc_err *err)
{
	struct text t = { 0 };
	struct mc_err first = { 0 };
	publish_rules(port, &t);
	int rc = nft_run(&t, &first);
	if (rc == -EEXIST) {
		struct text again = { 0 };
		text_line(&again, "delete%.*s", (int)(strcspn(t.buf.data, "\n") - 3), t.buf.data + 3);
		buf_adds(&again.buf, t.buf.data);
		rc = nft_run(&again, &first);
		buf_release(&again.buf);
	}
	buf_release(&t.buf);
	if (rc < 0)
		*err = first;
	return rc;
}

static int publish_all(struct endpoints *p, struct mc_err *err)
{
	struct text t = { 0 };
	struct mc_err first = { 0 };
	struct port port;
	if (!p->ports.count)
		return 0;
	explain_step(
		"network.publish", 7, "a published port: the destination becomes the container's address");
	for (size_t i = 0; i < p->ports.count; i++)
		if (endpoint_port(p, &p->ports.items[i], &port))
			publish_rules(&port, &t);
	int rc = nft_run(&t, &first);
	buf_release(&t.buf);
	if (rc != -EEXIST && rc < 0)
		*err = first;
	if (rc == -EEXIST) {
		rc = 0;
		for (size_t i = 0; rc >= 0 && i < p->ports.count; i++)
			if (endpoint_port(p, &p->ports.items[i], &port))
				rc = publish_one(&port, err);
	}
	for (size_t i = 0; i < p->ports.count; i++)
		if (str_eq(p->ports.items[i].protocol, "udp"))
			conntrack_forget("udp", p->ports.items[i].host_port);
	return rc;
}

static int plug_all(struct engine *e, const struct container *c, struct endpoints *p, struct mc_err *err)
{
	struct net_home h = engine_networks(e);
	char table[32];
	network_table(&h, table);
	_cleanup_close_ int netns = endpoints_namespace(c->init.pid, err);
	int rc = netns < 0 ? netns : 0;
	for (size_t i = 0; rc >= 0 && i < p->count; i++)
		rc = endpoint_connect(e, &p->items[i], netns, err);
	p->table = p->ports.count ? nft_table_handle(table) : 0;
	if (rc >= 0)
		rc = publish_all(p, err);
	for (size_t i = 0; rc >= 0 && i < p->count; i++)
		net_check_firewalls(e, &p->items[i].network);
	return rc < 0 ? rc : 0;
}

int endpoints_plug(struct engine *e, struct container *c, struct endpoints *p, struct mc_err *err)
{
	struct mc_err why = { 0 };
	int rc = plug_all(e, c, p, &why);
	if (rc >= 0 || lack_network(e, c, p, &why))
		return 0;
	*err = why;
	return rc;
}

void endpoints_undo(struct engine *e, struct container *c, struct endpoints *p)
{
	for (size_t i = 0; i < p->count; i++) {
		if (p->items[i].plugged)
			endpoint_unplug(p->items[i].link);
		if (p->items[i].dir)
			lease_drop(p->items[i].dir, c->id, wish_text(p->items[i].wish, "IPv4Address"));
	}
	if (p->ports.count && p->count) {
		struct text t = { 0 };
		struct port port;
		struct mc_err ignored = { 0 };
		for (size_t i = 0; i < p->ports.count; i++)
			if (endpoint_port(p, &p->ports.items[i], &port))
				rules_unpublish(&t, &port);
		nft_run(&t, &ignored);
		buf_release(&t.buf);
	}
	endpoints_release(p);
	json_free(c->net);
	c->net = NULL;
}

void endpoints_release(struct endpoints *p)
{
	for (size_t i = 0; i < p->count; i++) {
		network_release(&p->items[i].network);
		free(p->items[i].dir);
	}
	free(p->items);
	ports_release(&p->ports);
	*p = (struct endpoints){ 0 };
}

/* --- the record --- */

int endpoints_record(struct engine *e, struct container *c, struct endpoints *p, struct mc_err *err)
{
	int rc = 0;
	json_free(c->net);
	c->net = endpoints_json(c, p);
	for (size_t i = 0; rc >= 0 && i < p->count; i++) {
		_cleanup_strv_ char **names = endpoints_names(c, p->items[i].wish);
		rc = lease_raise(p->items[i].dir, c->id, &c->init, names, err);
	}
	return rc < 0 ? rc : 0;
}

int endpoints_confirm(struct engine *e, struct endpoints *p, struct mc_err *err)
{
	struct net_home h = engine_networks(e);
	char table[32];
	if (!p->ports.count)
		return 0;
	network_table(&h, table);
	_cleanup_close_ int lock = net_lock(e, err);
	if (lock < 0)
		return lock;
	return nft_table_handle(table) == p->table ? 0 : publish_all(p, err);
}

void endpoint_event(
	struct engine *e, const struct container *c, const char *network, const char *id, const char *action)
{
	_cleanup_strv_ char **words = NULL;
	strv_pushf(&words, "container=%s", c->id);
	strv_pushf(&words, "name=%s", network);
	strv_push(&words, "type=bridge");
	event_log(e, "network", action, id, words);
}

void endpoints_events(struct engine *e, const struct container *c, const char *action)
{
	const struct json *networks = json_member(c->net, "Networks");
	struct json_iter it = { 0 };
	while (json_kind_of(networks) == JSON_OBJECT && json_next(networks, &it))
		endpoint_event(e, c, it.key, wish_text(it.value, "NetworkID"), action);
}

/* --- the end --- */

static void clear_leases(struct engine *e, const struct container *c, bool hold)
{
	struct net_home h = engine_networks(e);
	const struct json *list = json_member(c->doc, "Networks");
	for (size_t i = 0; i < json_len(list); i++) {
		const struct json *wish = json_item(list, i);
		_cleanup_network_ struct network n = { 0 };
		struct mc_err ignored = { 0 };
		if (network_find(&h, wish_text(wish, "Name") ? wish_text(wish, "Name") : "bridge", &n,
			    &ignored) < 0)
			continue;
		_cleanup_free_ char *dir = network_dir(&h, &n);
		lease_drop(dir, c->id, hold && wish_text(wish, "IPv4Address"));
	}
}

/* The rules of its published ports, from c->net, go. */
static void endpoints_clear_ports(struct engine *e, const struct container *c)
{
	struct net_home h = engine_networks(e);
	struct text add = { 0 }, t = { 0 };
	struct mc_err ignored = { 0 };
	char table[32], *save = NULL;
	network_table(&h, table);
	endpoints_port_rules(c, table, &add);
	/* one by one where all together are refused: a port that has become another container's stays */
	for (char *line = add.buf.data ? strtok_r(add.buf.data, "\n", &save) : NULL; line;
		line = strtok_r(NULL, "\n", &save))
		text_line(&t, "%s\ndelete%s", line, line + strlen("add"));
	if (t.buf.len && nft_table_handle(table) && nft_run(&t, &ignored) < 0) {
		save = NULL;
		for (char *line = strtok_r(t.buf.data, "\n", &save); line;
			line = strtok_r(NULL, "\n", &save)) {
			struct text one = { 0 };
			char *second = strtok_r(NULL, "\n", &save);
			text_line(&one, "%s\n%s", line, second ? second : "");
			nft_run(&one, &ignored);
			buf_release(&one.buf);
		}
	}
	buf_release(&add.buf);
	buf_release(&t.buf);
}

void endpoints_clear(struct engine *e, const struct container *c)
{
	if (!endpoints_wanted(e, c))
		return;
	if (c->net) {
		const struct json *ports = json_member(c->net, "Ports");
		struct json_iter it = { 0 };
		endpoints_clear_ports(e, c);
		while (json_kind_of(ports) == JSON_OBJECT && json_next(ports, &it))
			if (str_ends(it.key, "/udp"))
				for (size_t i = 0; i < json_len(it.value); i++) {
					const char *port =
						json_text_of(json_member(json_item(it.value, i), "HostPort"));
					uint64_t n;
					if (port && parse_u64(port, &n) == 0)
						conntrack_forget("udp", (uint16_t)n);
				}
	}
	clear_leases(e, c, true);
}

void endpoints_forget(struct engine *e, const struct container *c)
{
	if (endpoints_wanted(e, c))
		clear_leases(e, c, false);
}
