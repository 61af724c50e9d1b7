/*
 * port_spec.c - published ports as they are typed.
 *
 * docker's grammar: [IP:][HOST]:CONTAINER[/PROTOCOL]. An IPv6 address stands in brackets, since it has colons
 * of its own.
 */
#include "network/port_spec.h"

#include <ctype.h>

#include "network/address.h"

struct port_range {
	uint64_t first, last;
};

static int spec_range(const char *text, struct port_range *r)
{
	_cleanup_free_ char *first = xstrndup(text, strcspn(text, "-"));
	const char *dash = strchr(text, '-');
	if (parse_u64(first, &r->first) < 0 || parse_u64(dash ? dash + 1 : first, &r->last) < 0)
		return -EINVAL;
	return r->first && r->first <= r->last && r->last <= 65535 ? 0 : -EINVAL;
}

static bool spec_protocol(const char *text) { return str_eq(text, "tcp") || str_eq(text, "udp"); }

static void spec_one(
	struct json *bindings, uint64_t port, const char *protocol, const char *ip, const char *host)
{
	_cleanup_free_ char *key = xasprintf("%llu/%s", (unsigned long long)port, protocol);
	struct json *list = (struct json *)json_member(bindings, key);
	if (!list)
		list = json_set(bindings, key, json_new_array());
	for (size_t i = 0; i < json_len(list); i++) /* said twice is said once */
		if (str_eq(json_text_of(json_member(json_item(list, i), "HostIp")), ip) &&
			str_eq(json_text_of(json_member(json_item(list, i), "HostPort")), host))
			return;
	struct json *one = json_add(list, json_new_object());
	json_set_string(one, "HostIp", ip);
	json_set_string(one, "HostPort", host);
}

/* Cuts "[::1]:" or "10.0.0.1:" from *text. False for something that is no address. */
static bool spec_ip(char **text, const char **ret_ip)
{
	struct address a;
	char *end;
	*ret_ip = "";
	if (**text == '[') {
		end = strchr(*text, ']');
		if (!end || end[1] != ':')
			return false;
		*end++ = '\0';
		*ret_ip = *text + 1;
	} else {
		end = strchr(*text, ':');
		if (!end || !strchr(end + 1, ':'))
			return true; /* no address: HOST:CONTAINER, or CONTAINER */
		*ret_ip = *text;
	}
	*end++ = '\0';
	*text = end;
	return !**ret_ip || address_parse(*ret_ip, 0, &a) == 0;
}

/* At the slash: cuts there, and makes what follows lower case: for docker 80/TCP is 80/tcp. */
static void spec_lower(char *slash)
{
	for (*slash++ = '\0'; *slash; slash++)
		*slash = (char)tolower((unsigned char)*slash);
}

static int spec_pair(const char *text, struct json *bindings, const char *ip, const char *host,
	const char *container, const char *protocol, struct mc_err *err)
{
	struct port_range h = { 0 }, c;
	if (spec_range(container, &c) < 0)
		return err_set(err, EINVAL, "invalid containerPort: %s: a port is a number from 1 to 65535",
			container);
	if (*host && !str_eq(host, "0") && spec_range(host, &h) < 0)
		return err_set(err, EINVAL, "invalid hostPort: %s: a port is a number from 1 to 65535", host);
	if (h.first && c.first != c.last && h.last - h.first != c.last - c.first) {
		err_set(err, EINVAL, "invalid ranges specified for container and host Ports: %s and %s",
			container, host);
		return err_hint(err, "both ranges need the same length, or the container's side is one port");
	}
	for (uint64_t p = c.first; p <= c.last; p++) {
		uint64_t from = h.first + (c.first != c.last ? p - c.first : 0),
			 to = c.first != c.last ? from : h.last;
		_cleanup_free_ char *number = !h.first     ? xstrdup("")
					      : from == to ? xasprintf("%llu", (unsigned long long)from)
							   : xasprintf("%llu-%llu", (unsigned long long)from,
								     (unsigned long long)to);
		spec_one(bindings, p, protocol, ip, number);
	}
	return 0;
}

int port_spec_add(const char *text, struct json *bindings, struct mc_err *err)
{
	_cleanup_free_ char *copy = xstrdup(text);
	char *rest = copy, *protocol = strrchr(copy, '/');
	const char *ip;
	if (protocol)
		spec_lower(protocol++);
	if (protocol && !spec_protocol(protocol)) {
		err_set(err, EINVAL, "invalid proto: %s", protocol);
		return err_hint(err, "known protocols: tcp, udp");
	}
	if (!spec_ip(&rest, &ip))
		return err_set(err, EINVAL,
			"invalid IP address in \"%s\": expected one like 127.0.0.1:8080:80 or [::1]:8080:80",
			text);
	char *container = strrchr(rest, ':');
	if (!container && *ip)
		return err_set(err, EINVAL, "invalid publish \"%s\": no container port", text);
	const char *host = container ? rest : "";
	if (container)
		*container++ = '\0';
	if (strchr(host, ':'))
		return err_set(err, EINVAL,
			"invalid publish \"%s\": an IPv6 address is written in brackets: [::1]:8080:80",
			text);
	if (!*(container ? container : rest))
		return err_set(err, EINVAL, "No port specified: %s<empty>", text);
	return spec_pair(
		text, bindings, ip, host, container ? container : rest, protocol ? protocol : "tcp", err);
}

int port_spec_expose(const char *text, struct json *keys, struct mc_err *err)
{
	_cleanup_free_ char *copy = xstrdup(text);
	char *protocol = strrchr(copy, '/');
	struct port_range r;
	if (protocol)
		spec_lower(protocol++);
	if (spec_range(copy, &r) < 0 || (protocol && !spec_protocol(protocol)))
		return err_set(err, EINVAL,
			"invalid range format for --expose: %s: expected one like 80, 80/udp or 8000-8010",
			text);
	for (uint64_t p = r.first; p <= r.last; p++) {
		_cleanup_free_ char *key =
			xasprintf("%llu/%s", (unsigned long long)p, protocol ? protocol : "tcp");
		json_set(keys, key, json_new_object());
	}
	return 0;
}
