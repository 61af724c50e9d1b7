/*
 * create_networks.c - the networks and ports of a container that is created over the API.
 *
 * Clients send it in two places. HostConfig.NetworkMode names the first network.
 * NetworkingConfig.EndpointsConfig holds the settings, under a key that may name the same network in another
 * way ("default" is the bridge, an id stands for a name).
 */
#include "daemon/create_body.h"

#include "daemon/job.h"

/* Modes that are no network with settings. */
static bool is_mode(const char *name)
{
	return str_eq(name, "none") || str_eq(name, "host") || str_eq(name, "private") ||
	       str_starts(name, "container:");
}

static void add_setting(struct buf *b, const char *key, const char *value)
{
	if (value && *value)
		buf_addf(b, ",%s=%s", key, value);
}

static void add_settings(struct buf *b, const char *key, const struct json *list)
{
	for (size_t i = 0; i < json_len(list); i++)
		add_setting(b, key, json_text_of(json_item(list, i)));
}

/* "name=web,alias=db,ip=10.0.0.5" of one endpoint. */
static void add_network(const char *name, const struct json *endpoint, struct run_options *o)
{
	_cleanup_buf_ struct buf b = { 0 };
	buf_addf(&b, "name=%s", name);
	add_settings(&b, "alias", json_member(endpoint, "Aliases"));
	add_settings(&b, "link", json_member(endpoint, "Links"));
	_cleanup_strv_ char **options = job_pairs(json_member(endpoint, "DriverOpts"));
	for (size_t i = 0; options && options[i]; i++)
		add_setting(&b, "driver-opt", options[i]);
	const struct json *ipam = json_member(endpoint, "IPAMConfig");
	add_setting(&b, "ip", json_text_of(json_member(ipam, "IPv4Address")));
	add_setting(&b, "ip6", json_text_of(json_member(ipam, "IPv6Address")));
	add_settings(&b, "link-local-ip", json_member(ipam, "LinkLocalIPs"));
	add_setting(&b, "mac-address", json_text_of(json_member(endpoint, "MacAddress")));
	strv_push(&o->networks, b.data);
}

static int set_networks(const struct json *body, struct run_options *o)
{
	const struct json *endpoints = json_at(body, "NetworkingConfig.EndpointsConfig");
	const char *mode = json_text_of(json_at(body, "HostConfig.NetworkMode"));
	const struct json *own = NULL;
	struct json_iter it = { 0 };
	if (mode && is_mode(mode)) {
		o->network = xstrdup(mode);
		return 0;
	}
	bool predefined = !mode || !*mode || str_eq(mode, "default") || str_eq(mode, "bridge");
	const char *first = predefined ? NULL : mode;
	/* The settings of the first network: under its name, or, when there is one entry only, that one. */
	while (json_kind_of(endpoints) == JSON_OBJECT && json_next(endpoints, &it)) {
		bool is_bridge = str_eq(it.key, "default") || str_eq(it.key, "bridge");
		if (predefined ? is_bridge : str_eq(it.key, mode) || json_len(endpoints) == 1)
			own = it.value;
		else if (predefined && !first && !is_bridge)
			first = it.key, own = it.value;
	}
	/* {"default": {}} asks for nothing: the container keeps "default" as its mode. */
	bool plain = !first && !json_len(json_member(own, "IPAMConfig")) &&
		     !json_len(json_member(own, "Aliases")) && !json_len(json_member(own, "DriverOpts")) &&
		     !json_len(json_member(own, "Links")) && !json_text_of(json_member(own, "MacAddress"));
	if (plain && mode && *mode)
		o->network = xstrdup(mode);
	if (!plain)
		add_network(first ? first : "bridge", own, o);
	it = (struct json_iter){ 0 };
	while (json_kind_of(endpoints) == JSON_OBJECT && json_next(endpoints, &it))
		if (it.value != own && !is_mode(it.key) && !str_eq(it.key, "default"))
			add_network(it.key, it.value, o);
	return 0;
}

/* {"80/tcp": [{"HostIp": "", "HostPort": "8080"}]} -> "8080:80/tcp". No port, or "0": any free one. */
static void set_ports(const struct json *bindings, struct run_options *o)
{
	struct json_iter it = { 0 };
	while (json_kind_of(bindings) == JSON_OBJECT && json_next(bindings, &it)) {
		/* No way in, but the word is a port: it is checked, and --publish-all opens it. */
		if (!json_len(it.value))
			strv_push(&o->expose, it.key);
		for (size_t i = 0; i < json_len(it.value); i++) {
			const struct json *one = json_item(it.value, i);
			const char *ip = json_text_of(json_member(one, "HostIp"));
			const char *port = json_text_of(json_member(one, "HostPort"));
			bool v6 = ip && strchr(ip, ':') && *ip != '[';
			bool any = !port || !*port || str_eq(port, "0");
			strv_pushf(&o->publish, "%s%s%s%s%s%s%s", v6 ? "[" : "", ip ? ip : "", v6 ? "]" : "",
				ip && *ip ? ":" : "", any ? "" : port, !any || (ip && *ip) ? ":" : "",
				it.key);
		}
	}
}

int create_networks_parse(const struct json *body, struct run_options *o, struct mc_err *err)
{
	const char *mac = json_text_of(json_member(body, "MacAddress"));
	int rc = set_networks(body, o);
	if (rc < 0)
		return rc;
	set_ports(json_at(body, "HostConfig.PortBindings"), o);
	/* API below 1.44: one address for the first network. */
	if (mac && *mac)
		o->mac_address = xstrdup(mac);
	if (container_flag(body, "NetworkDisabled") && !o->network)
		o->network = xstrdup("none");
	return 0;
}
