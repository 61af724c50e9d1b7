/*
 * endpoint_text.c - what a container has in its networks, written in three ways.
 */
#include "engine/endpoint_text.h"

#include <fcntl.h>
#include "base/file.h"
#include "network/lease.h"

char **endpoints_names(const struct container *c, const struct json *wish)
{
	const struct json *aliases = json_member(wish, "Aliases");
	char **names = NULL;
	strv_push(&names, c->name);
	for (size_t i = 0; i < json_len(aliases); i++)
		if (json_text_of(json_item(aliases, i)) &&
			!strv_has(names, json_text_of(json_item(aliases, i))))
			strv_push(&names, json_text_of(json_item(aliases, i)));
	strv_pushf(&names, "%.12s", c->id);
	return names;
}

/* --- docker's documents --- */

static void text_address(struct json *o, const char *key, const struct address *a)
{
	char text[ADDRESS_TEXT];
	json_set_string(o, key, address_text(a, text));
}

struct json *endpoint_json(const struct container *c, const struct endpoint *ep)
{
	struct json *o = json_new_object();
	bool known = *ep->link && !network_is_predefined(ep->network.name);
	_cleanup_strv_ char **names = known ? endpoints_names(c, ep->wish) : NULL;
	const struct lease *l = &ep->lease;
	const struct json *aliases = json_member(ep->wish, "Aliases");
	const char *four = json_text_at(ep->wish, "IPv4Address", ""),
		   *six = json_text_at(ep->wish, "IPv6Address", "");
	char mac[18] = "";
	if (*ep->link)
		mac_text(l->mac, mac);
	const struct json *local = json_member(ep->wish, "LinkLocalIPs"),
			  *links = json_member(ep->wish, "Links");
	json_set(o, "IPAMConfig", *four || *six || local ? json_new_object() : NULL);
	if (*four)
		json_set_string(json_sub(o, "IPAMConfig"), "IPv4Address", four);
	if (*six)
		json_set_string(json_sub(o, "IPAMConfig"), "IPv6Address", six);
	if (local)
		json_set(json_sub(o, "IPAMConfig"), "LinkLocalIPs", json_copy(local));
	/* docker shows those of the default bridge in HostConfig (inspect.c) */
	json_set(o, "Links", links && !network_is_predefined(ep->network.name) ? json_copy(links) : NULL);
	json_set(o, "Aliases", json_len(aliases) ? json_copy(aliases) : NULL);
	json_set_string(o, "MacAddress", mac);
	json_set(o, "DriverOpts", json_copy(json_member(ep->wish, "DriverOpts")));
	json_set_i64(o, "GwPriority", json_int_of(json_member(ep->wish, "GwPriority")));
	json_set_string(o, "NetworkID", ep->network.id);
	_cleanup_free_ char *seed = xasprintf("%s%s", ep->network.id, ep->link);
	_cleanup_free_ char *id =
		xasprintf("%016llx%.48s", (unsigned long long)fnv1a(seed, strlen(seed)), ep->network.id);
	json_set_string(o, "EndpointID", *ep->link ? id : "");
	struct address none = { 0 };
	text_address(o, "Gateway", ep->network.internal ? &none : &ep->network.subnet4.address);
	text_address(o, "IPAddress", &l->address4.address);
	json_set_i64(o, "IPPrefixLen", l->address4.address.family ? l->address4.prefix : 0);
	text_address(o, "IPv6Gateway", ep->network.internal ? &none : &ep->network.subnet6.address);
	text_address(o, "GlobalIPv6Address", &l->address6.address);
	json_set_i64(o, "GlobalIPv6PrefixLen", l->address6.address.family ? l->address6.prefix : 0);
	json_set(o, "DNSNames", names ? json_new_strv(names) : NULL);
	if (!*ep->link)
		return o;
	json_set_string(o, "InterfaceName", l->ifname);
	json_set_string(o, "HostLink", ep->link);
	return o;
}

struct json *endpoints_json(const struct container *c, const struct endpoints *p)
{
	struct json *o = json_new_object(), *networks = json_sub(o, "Networks");
	static const struct address none;
	for (size_t i = 0; i < p->count; i++)
		json_set(networks, p->items[i].network.name, endpoint_json(c, &p->items[i]));
	json_set(o, "Ports", ports_json(&p->ports));
	text_address(o, "Way4", p->way4 ? &p->way4->lease.address4.address : &none);
	text_address(o, "Way6", p->way6 ? &p->way6->lease.address6.address : &none);
	return o;
}

/* --- rules --- */

bool endpoint_port(const struct endpoints *p, const struct reserved_port *r, struct port *ret)
{
	const struct endpoint *way = r->host.family == AF_INET ? p->way4 : p->way6;
	if (!way)
		return false;
	*ret = (struct port){
		.host = r->host, .host_port = r->host_port, .container_port = r->container_port
	};
	ret->container =
		r->host.family == AF_INET ? way->lease.address4.address : way->lease.address6.address;
	snprintf(ret->table, sizeof(ret->table), "%s", way->network.table);
	snprintf(ret->protocol, sizeof(ret->protocol), "%s", r->protocol);
	return true;
}

static void text_port_rule(const struct json *net, const char *key, const struct json *binding,
	const char *table, struct text *t)
{
	struct port p = { 0 };
	unsigned inside = 0, outside = 0;
	const char *slash = strchr(key, '/');
	if (address_parse(json_text_at(binding, "HostIp", ""), 0, &p.host) < 0)
		return;
	if (address_parse(json_text_at(net, p.host.family == AF_INET ? "Way4" : "Way6", ""), p.host.family,
		    &p.container) < 0)
		return;
	sscanf(key, "%u", &inside);
	sscanf(json_text_at(binding, "HostPort", ""), "%u", &outside);
	p.host_port = (uint16_t)outside;
	p.container_port = (uint16_t)inside;
	snprintf(p.protocol, sizeof(p.protocol), "%s", slash ? slash + 1 : "tcp");
	snprintf(p.table, sizeof(p.table), "%s", table);
	publish_rules(&p, t);
}

void endpoints_port_rules(const struct container *c, const char *table, struct text *t)
{
	const struct json *ports = json_member(c->net, "Ports");
	struct json_iter it = { 0 };
	while (json_kind_of(ports) == JSON_OBJECT && json_next(ports, &it))
		for (size_t i = 0; i < json_len(it.value); i++)
			text_port_rule(c->net, it.key, json_item(it.value, i), table, t);
}

/* --- /etc/hosts --- */

void endpoints_hosts(const struct endpoints *p, const struct container *c, struct buf *out)
{
	const char *host = json_text_at(c->config, "Hostname", ""),
		   *domain = json_text_at(c->config, "Domainname", "");
	for (size_t i = 0; i < p->count; i++) {
		const struct address *own[] = { &p->items[i].lease.address4.address,
			&p->items[i].lease.address6.address };
		for (int k = 0; k < 2; k++) {
			char text[ADDRESS_TEXT];
			if (!own[k]->family)
				continue;
			buf_addf(out, "%s\t", address_text(own[k], text));
			if (*domain)
				buf_addf(out, "%s.%s ", host, domain);
			buf_addf(out, "%s\n", host);
		}
	}
}

/* --- the monitor's file --- */

/* A full id is known to the leases by its first twelve digits. */
static void text_links(const struct json *links, struct buf *b)
{
	for (size_t i = 0; i < json_len(links); i++) {
		const char *link = json_text_of(json_item(links, i));
		size_t n = strcspn(link, ":"), id = strspn(link, "0123456789abcdef");
		buf_addf(b, "link %s %.*s\n", link + n + 1, n == 64 && id >= n ? 12 : (int)n, link);
	}
}

int endpoints_write_net(
	struct engine *e, const struct container *c, const struct endpoints *p, struct mc_err *err)
{
	_cleanup_buf_ struct buf b = { 0 };
	_cleanup_free_ char *path = container_path(e, c->id, "net");
	const struct json *servers = json_member(c->host, "Dns");
	char four[ADDRESS_TEXT], six[ADDRESS_TEXT];
	buf_addf(&b, "way %s %s\n", p->way4 ? address_text(&p->way4->lease.address4.address, four) : "-",
		p->way6 ? address_text(&p->way6->lease.address6.address, six) : "-");
	for (size_t i = 0; i < p->count; i++) {
		const struct network *n = &p->items[i].network;
		subnet_text(&n->subnet4, four);
		subnet_text(&n->subnet6, six);
		_cleanup_free_ char *name = xstrdup(n->name);
		for (char *s = name; *s; s++)
			if (*s == ' ')
				*s = '\t'; /* blanks are between words */
		buf_addf(&b, "network %d %d %s %s %s %s\n", !network_is_predefined(n->name), n->internal,
			*four ? four : "-", *six ? six : "-", name, p->items[i].dir);
		text_links(json_member(p->items[i].wish, "Links"), &b);
	}
	for (size_t i = 0; i < json_len(servers); i++)
		if (json_text_of(json_item(servers, i)))
			buf_addf(&b, "server %s\n", json_text_of(json_item(servers, i)));
	return file_write_atomic(AT_FDCWD, path, b.data, b.len, 0600, 0, err);
}
