/*
 * network_create.c - making a network: what was asked for is checked, a subnet is found, the record is
 * written.
 *
 * Kernel objects and man pages: symlink(2), flock(2), rtnetlink(7) for the routes that are in use.
 * Order and why: all is checked first, the directory is written, the name is claimed last: from then on the
 * network exists. One create at a time (networks/lock): two that look for a free subnet at the same moment
 * would find the same. Its bridge is made by the first container that needs it (attach.c), so a network costs
 * nothing after a reboot.
 */
#include "network/network_create.h"

#include <ctype.h>
#include <fcntl.h>
#include <net/if.h>
#include <time.h>
#include <unistd.h>
#include "base/file.h"
#include "base/sys.h"
#include "base/warn.h"
#include "network/lease.h"
#include "network/message.h"

/* The default network is larger than the others: most containers are in it. */
enum { DEFAULT_PREFIX = 20 };

static struct json *create_add_config(struct json *doc, const struct subnet *s, const struct subnet *range)
{
	char text[ADDRESS_TEXT];
	struct json *list = (struct json *)json_at(doc, "IPAM.Config"),
		    *c = json_add(list, json_new_object());
	struct subnet whole = { subnet_first(s), s->prefix };
	json_set_string(c, "Subnet", subnet_text(&whole, text));
	if (range && range->address.family)
		json_set_string(c, "IPRange", subnet_text(range, text));
	json_set_string(c, "Gateway", address_text(&s->address, text));
	return c;
}

/* Subnets of our networks, and what the host has routes to. */
static int create_used(
	const struct net_home *h, struct subnet_list *ours, struct subnet_list *routes, struct mc_err *err)
{
	_cleanup_network_list_ struct network_list all = { 0 };
	_cleanup_close_ int nl = sys_netlink(NETLINK_ROUTE, err);
	int rc = nl < 0 ? nl : network_list(h, &all, err);
	if (rc < 0)
		return rc;
	for (size_t i = 0; i < all.count; i++) {
		if (all.items[i].subnet4.address.family)
			subnet_list_add(ours, &all.items[i].subnet4);
		if (all.items[i].subnet6.address.family)
			subnet_list_add(ours, &all.items[i].subnet6);
	}
	rc = pool_routes(nl, NULL, routes);
	return rc < 0 ? err_code(err, rc, "reading the host's routes") : 0;
}

static int create_pick(const struct net_home *h, unsigned size_most, struct subnet *ret, struct mc_err *err)
{
	_cleanup_subnet_list_ struct subnet_list used = { 0 };
	int rc = create_used(h, &used, &used, err);
	if (rc >= 0)
		rc = pool_pick(h->pools, h->n_pools, size_most, &used, ret, err);
	if (rc >= 0)
		ret->address = address_add(&ret->address, 1);
	return rc;
}

/* A private IPv6 /64 of this engine and name (RFC 4193): the same name gives the same one. */
static void create_pick6(const struct net_home *h, const char *id, struct subnet *ret)
{
	_cleanup_free_ char *seed = xasprintf("%s %s", h->key, id);
	uint64_t bits = fnv1a(seed, strlen(seed));
	*ret = (struct subnet){ .address.family = AF_INET6, .prefix = 64 };
	ret->address.bytes[0] = 0xfd;
	memcpy(ret->address.bytes + 1, &bits, 7);
	ret->address.bytes[15] = 1;
}

/* networks/ID with its record, then the name. */
static int create_write(const struct net_home *h, const struct network *n, struct mc_err *err)
{
	_cleanup_free_ char *dir = network_path(h, n->id, NULL),
			    *file = network_path(h, n->id, "network.json");
	_cleanup_free_ char *name = network_path(h, n->name, NULL);
	struct mc_err ignored = { 0 };
	int rc = dir_make(AT_FDCWD, dir, 0700, err);
	if (rc >= 0)
		rc = json_write_file(AT_FDCWD, file, n->doc, 0644, FILE_SYNC, err);
	if (rc < 0)
		return rc;
	if (symlink(n->id, name) == 0)
		return 0;
	if (errno == EEXIST && access(name, F_OK) < 0 && unlink(name) == 0 && symlink(n->id, name) == 0)
		return 0; /* the name led nowhere: a removal was interrupted */
	if (errno == EEXIST && network_is_predefined(n->name))
		return 0; /* two first uses at once: both write the same */
	rc = errno == EEXIST ? err_set(err, EEXIST, "network with name %s already exists", n->name)
			     : err_sys(err, "symlink(\"%s\")", name);
	dir_remove(AT_FDCWD, dir, &ignored);
	return rc;
}

/* The subnet was our choice, so another one is as good. */
static bool create_was_chosen(const struct network *n)
{
	bool chosen = network_is_predefined(n->name);
	struct mc_err ignored = { 0 };
	if (!chosen)
		json_get_bool(n->doc, &chosen, &ignored, "ChosenIPv4");
	return chosen;
}

/* A route of the host leads to the subnet, and no container of ours has an address there. */
static bool create_is_blocked(const struct net_home *h, const struct network *n)
{
	_cleanup_subnet_list_ struct subnet_list routes = { 0 };
	_cleanup_lease_file_ struct lease_file leases = { 0 };
	_cleanup_free_ char *dir = network_dir(h, n);
	struct mc_err ignored = { 0 };
	_cleanup_close_ int nl = sys_netlink(NETLINK_ROUTE, &ignored);
	if (nl < 0 || pool_routes(nl, n->bridge, &routes) < 0 || !pool_overlap(&routes, &n->subnet4))
		return false;
	lease_read(dir, &leases);
	return leases.count == 0;
}

/* The record with another IPv4 subnet. */
static int create_choose_anew(const struct net_home *h, struct network *n, struct mc_err *err)
{
	_cleanup_free_ char *file = network_path(h, n->id, "network.json");
	_cleanup_json_ struct json *old = json_copy(json_at(n->doc, "IPAM.Config"));
	struct subnet s = { 0 };
	unsigned most = network_is_predefined(n->name) ? DEFAULT_PREFIX : 0;
	int rc = create_pick(h, most, &s, err);
	if (rc < 0)
		return rc;
	json_set(json_sub(n->doc, "IPAM"), "Config", json_new_array());
	create_add_config(n->doc, &s, NULL);
	for (size_t i = 0; i < json_len(old); i++)
		if (strchr(json_text_of(json_member(json_item(old, i), "Subnet")), ':'))
			json_add((struct json *)json_at(n->doc, "IPAM.Config"), json_copy(json_item(old, i)));
	return json_write_file(AT_FDCWD, file, n->doc, 0644, FILE_SYNC, err);
}

/* One create or choice at a time. */
static int create_lock(const struct net_home *h, struct mc_err *err)
{
	_cleanup_free_ char *networks = xasprintf("%s/networks", h->root),
			    *path = xasprintf("%s/lock", networks);
	int rc = dir_make(AT_FDCWD, networks, 0700, err);
	return rc < 0 ? rc : file_lock(AT_FDCWD, path, true, err);
}

int network_move(const struct net_home *h, const struct network *n, struct mc_err *err)
{
	_cleanup_network_ struct network now = { 0 };
	if (!create_was_chosen(n))
		return 0;
	_cleanup_close_ int lock = create_lock(h, err);
	int rc = lock < 0 ? lock : network_load(h, n->id, &now, err);
	if (rc < 0)
		return rc;
	if (!address_equal(&now.subnet4.address, &n->subnet4.address))
		return 1; /* another start has moved it already */
	if (!create_is_blocked(h, &now))
		return 0;
	rc = create_choose_anew(h, &now, err);
	return rc < 0 ? rc : 1;
}

/* The default bridge: docker0's counterpart. Made when it is first looked for; one process at a time picks
 * its subnet. */
int network_make_default(const struct net_home *h, struct network *ret, struct mc_err *err)
{
	struct mc_err missing = { 0 };
	struct subnet s = { 0 };
	char id[65];
	network_fixed_id(h, "bridge", id);
	_cleanup_close_ int lock = create_lock(h, err);
	if (lock < 0)
		return lock;
	if (network_load(h, id, ret, &missing) == 0)
		return 0;
	int rc = create_pick(h, DEFAULT_PREFIX, &s, err);
	if (rc < 0)
		return rc;
	*ret = (struct network){ .doc = network_document("bridge", "bridge") };
	snprintf(ret->id, sizeof(ret->id), "%s", id);
	create_add_config(ret->doc, &s, NULL);
	network_fill(h, ret);
	return create_write(h, ret, err);
}

/* Whose is it: one of our networks, or a route of the host? */
static int create_say_overlap(
	const struct net_home *h, const struct subnet *s, const struct subnet *route, struct mc_err *err)
{
	_cleanup_network_list_ struct network_list all = { 0 };
	char text[ADDRESS_TEXT], other[ADDRESS_TEXT];
	subnet_text(s, text);
	if (network_list(h, &all, &(struct mc_err){ 0 }) == 0)
		for (size_t i = 0; i < all.count; i++)
			if (subnet_overlaps(&all.items[i].subnet4, s) ||
				subnet_overlaps(&all.items[i].subnet6, s))
				return err_set(err, EEXIST, "subnet %s overlaps network %s", text,
					all.items[i].name);
	err_set(err, EEXIST, "subnet %s overlaps %s, which this host has a route to", text,
		subnet_text(route, other));
	return err_hint(err, "`ip route` shows it; leave --subnet out and a free one is chosen");
}

/* --- network create --- */

static int create_check_name(const char *name, struct mc_err *err)
{
	static const char *const reserved[] = { "container", "default", "pasta", "slirp4netns", "private",
		"lock" };
	bool ok = isalnum((unsigned char)*name) && strlen(name) <= 128;
	for (const char *s = name; *s; s++)
		ok &= isalnum((unsigned char)*s) || strchr("_.-", *s) || (*s == ' ' && s[1]);
	if (!ok)
		return err_set(err, EINVAL,
			"invalid network name \"%s\": it begins with a letter or digit, and only "
			"[a-zA-Z0-9_.-] and blanks inside may follow",
			name);
	bool taken = network_is_predefined(name) ||
		     (strlen(name) == 64 && name[strspn(name, "0123456789abcdef")] == '\0');
	for (size_t i = 0; i < ARRAY_LEN(reserved); i++)
		taken |= str_eq(name, reserved[i]);
	if (taken)
		return err_set(err, EPERM,
			"operation is not permitted on predefined %s network: the name is reserved", name);
	return 0;
}

static int create_check_driver(const char *driver, struct mc_err *err)
{
	if (!driver || str_eq(driver, "bridge"))
		return 0;
	if (str_eq(driver, "host") || str_eq(driver, "null") || str_eq(driver, "none"))
		return err_set(err, EPERM, "only one instance of \"%s\" network is allowed", driver);
	err_set(err, ENOENT, "could not find plugin %s in v1 plugin registry: plugin not found", driver);
	return err_hint(err, "bridge is there; host and none are networks that always exist");
}

/* The text among `list` that lies in subnet s, or NULL: --gateway and --ip-range belong to the --subnet that
 * has them. */
static const char *create_fitting(char *const list[], const struct subnet *s)
{
	for (size_t i = 0; list && list[i]; i++) {
		_cleanup_free_ char *address = xstrndup(list[i], strcspn(list[i], "/"));
		struct address a;
		if (address_parse(address, s->address.family, &a) == 0 && subnet_has(s, &a))
			return list[i];
	}
	return NULL;
}

/* Addresses of o->kept that lie in s, into its record: no container gets them. Returns their number. */
static size_t create_keep(const struct network_options *o, const struct subnet *s, struct json *config)
{
	size_t n = 0;
	for (size_t i = 0; o->kept && o->kept[i]; i++) {
		const char *equal = strchr(o->kept[i], '=');
		struct address a;
		if (!equal || address_parse(equal + 1, s->address.family, &a) < 0 || !subnet_has(s, &a))
			continue;
		_cleanup_free_ char *name = xstrndup(o->kept[i], (size_t)(equal - o->kept[i]));
		json_set_string(json_sub(config, "AuxiliaryAddresses"), name, equal + 1);
		n++;
	}
	return n;
}

/* Every --gateway and --ip-range must lie in one of the subnets. */
static int create_check_inside(const struct network_options *o, struct mc_err *err)
{
	char *const *lists[] = { o->gateways, o->ranges };
	static const char *const words[] = { "gateway", "ip-range" };
	for (size_t l = 0; l < ARRAY_LEN(lists); l++)
		for (size_t i = 0; lists[l] && lists[l][i]; i++) {
			_cleanup_free_ char *text = xstrndup(lists[l][i], strcspn(lists[l][i], "/"));
			bool inside = false;
			struct address a;
			struct subnet s;
			if (address_parse(text, 0, &a) < 0 ||
				(l == 1 && subnet_parse(lists[l][i], 0, &s) < 0))
				return err_set(err, EINVAL, "invalid %s \"%s\": it is no %s", words[l],
					lists[l][i], l ? "subnet like 10.0.0.0/24" : "address");
			for (size_t k = 0; o->subnets && o->subnets[k]; k++)
				inside |=
					subnet_parse(o->subnets[k], a.family, &s) == 0 && subnet_has(&s, &a);
			if (!strv_len(o->subnets))
				return err_set(err, EINVAL, "--%s %s needs the --subnet that it lies in",
					words[l], lists[l][i]);
			if (!inside)
				return err_set(
					err, EINVAL, "no matching subnet for %s %s", words[l], lists[l][i]);
			/* one subnet of each family is allowed, so one of these as well */
			for (size_t k = 0; k < i; k++)
				if (!strchr(lists[l][k], ':') == !strchr(lists[l][i], ':'))
					return err_set(err, EINVAL,
						"cannot configure two of --%s on the same subnet: %s and %s",
						words[l], lists[l][k], lists[l][i]);
		}
	return 0;
}

/* Addresses with a meaning of their own: a container could not be reached there. */
static int create_check_special(const char *text, const struct subnet *s, struct mc_err *err)
{
	static const char *const special[] = { "0.0.0.0/8", "127.0.0.0/8", "224.0.0.0/3", "::/127",
		"fe80::/10", "ff00::/8" };
	for (size_t i = 0; i < ARRAY_LEN(special); i++) {
		struct subnet no;
		if (subnet_parse(special[i], 0, &no) < 0 || !subnet_overlaps(&no, s))
			continue;
		err_set(err, EINVAL, "invalid subnet %s: %s has a meaning of its own (loopback, link, group)",
			text, special[i]);
		return err_hint(
			err, "private networks are 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 and fd00::/8");
	}
	return 0;
}

/* The gateway is an address of a machine: not the network's own, not the one for all (IPv4). */
static int create_check_gateway(const struct subnet *s, struct mc_err *err)
{
	struct address first = subnet_first(s), last = subnet_last(s);
	char text[ADDRESS_TEXT];
	if (!address_equal(&s->address, &first) &&
		(first.family == AF_INET6 || !address_equal(&s->address, &last)))
		return 0;
	return err_set(err, EINVAL, "invalid gateway %s: that is the %s address, no machine can have it",
		address_text(&s->address, text),
		address_equal(&s->address, &first) ? "network's own" : "broadcast");
}

/* A range is a part of the subnet: not larger, and written with no bits behind its prefix. */
static int create_check_range(
	const char *text, const struct subnet *s, const struct subnet *range, struct mc_err *err)
{
	char whole_text[ADDRESS_TEXT], net[ADDRESS_TEXT];
	struct subnet whole = { subnet_first(range), range->prefix }, all = { subnet_first(s), s->prefix };
	if (range->prefix < s->prefix)
		return err_set(err, EINVAL, "invalid ip-range %s: it is larger than the subnet %s", text,
			subnet_text(&all, net));
	if (!address_equal(&whole.address, &range->address))
		return err_set(err, EINVAL, "invalid ip-range %s: bits are set after the prefix; expected %s",
			text, subnet_text(&whole, whole_text));
	return 0;
}

/* One --subnet: is it free, who is its gateway? */
static int create_add_subnet(const struct net_home *h, const struct network_options *o, const char *text,
	struct json *doc, struct mc_err *err)
{
	_cleanup_subnet_list_ struct subnet_list ours = { 0 }, routes = { 0 };
	struct subnet s, range = { 0 };
	if (subnet_parse(text, 0, &s) < 0) {
		err_set(err, EINVAL, "invalid subnet \"%s\": an address and a prefix are needed", text);
		return err_hint(
			err, "for example 10.99.0.0/24: 24 bits name the network, the rest its hosts");
	}
	struct address first = s.address = subnet_first(&s);
	if (s.prefix > address_bytes(&first) * 8 - 2)
		return err_set(err, EINVAL, "subnet %s has no room for a gateway and a container", text);
	int rc = create_check_special(text, &s, err);
	if (rc >= 0)
		rc = create_used(h, &ours, &routes, err);
	if (rc < 0)
		return rc;
	if (pool_overlap(&ours, &s) || pool_overlap(&routes, &s))
		return create_say_overlap(h, &s, pool_overlap(&routes, &s), err);
	const char *gateway = create_fitting(o->gateways, &s), *part = create_fitting(o->ranges, &s);
	s.address = address_add(&s.address, 1);
	if (gateway)
		address_parse(gateway, first.family, &s.address);
	if (part)
		subnet_parse(part, first.family, &range);
	rc = create_check_gateway(&s, err);
	if (rc >= 0 && part)
		rc = create_check_range(part, &s, &range, err);
	return rc < 0 ? rc : (int)create_keep(o, &s, create_add_config(doc, &s, &range));
}

static void create_pairs(struct json *into, char *const pairs[])
{
	for (size_t i = 0; pairs && pairs[i]; i++) {
		_cleanup_free_ char *key = xstrndup(pairs[i], strcspn(pairs[i], "="));
		const char *value = strchr(pairs[i], '=');
		json_set_string(into, key, value ? value + 1 : "");
	}
}

static int create_subnets(const struct net_home *h, const struct network_options *o, const char *id,
	struct json *doc, struct mc_err *err)
{
	bool has4 = false, has6 = false;
	size_t kept = 0;
	int rc = create_check_inside(o, err);
	for (size_t i = 0; rc >= 0 && o->subnets && o->subnets[i]; i++) {
		bool *has = strchr(o->subnets[i], ':') ? &has6 : &has4;
		if (*has)
			return err_set(err, EINVAL, "one subnet of each family: %s is the second one",
				o->subnets[i]);
		*has = true;
		rc = create_add_subnet(h, o, o->subnets[i], doc, err);
		kept += rc > 0 ? (size_t)rc : 0;
	}
	if (rc >= 0 && kept < strv_len(o->kept))
		return err_set(err, EINVAL,
			"no matching subnet for an auxiliary address: of %zu, the first one is %s, %zu lie "
			"in a subnet",
			strv_len(o->kept), o->kept[0], kept);
	if (has6 && !o->ipv6)
		json_set_bool(doc, "EnableIPv6", true);
	struct subnet s;
	if (rc >= 0 && !has4) {
		rc = create_pick(h, 0, &s, err);
		if (rc >= 0)
			create_add_config(doc, &s, NULL);
		json_set_bool(doc, "ChosenIPv4", true);
	}
	if (rc >= 0 && !has6 && o->ipv6) {
		create_pick6(h, id, &s);
		create_add_config(doc, &s, NULL);
	}
	return rc;
}

/* "true", "1", "f" ... as docker reads them. */
static bool create_is_bool(const char *s)
{
	static const char *const words[] = { "1", "t", "true", "0", "f", "false" };
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (!strcasecmp(s, words[i]))
			return true;
	return false;
}

static bool create_is_link_name(const char *s)
{
	return *s && strlen(s) < IFNAMSIZ && !strpbrk(s, "/ \":") && !str_eq(s, ".") && !str_eq(s, "..");
}

/* What is wrong with an option of docker's bridge driver; NULL: nothing. *known: it is obeyed here. */
static const char *create_wrong_option(
	const struct network *n, const char *key, const char *value, bool *known)
{
	struct address a;
	*known = true;
	if (str_eq(key, "com.docker.network.driver.mtu"))
		return n->mtu < 68 || n->mtu > 65535 ? "an MTU is 68 to 65535" : NULL;
	if (str_eq(key, "com.docker.network.bridge.name"))
		return create_is_link_name(value)
			       ? NULL
			       : "a link's name has 1 to 15 characters, no slash, no blank";
	if (str_eq(key, "com.docker.network.bridge.enable_ip_masquerade") ||
		str_eq(key, "com.docker.network.bridge.enable_icc"))
		return create_is_bool(value) ? NULL : "expected true or false";
	if (str_eq(key, "com.docker.network.bridge.host_binding_ipv4"))
		return address_parse(value, AF_INET, &a) == 0 ? NULL : "it is an IPv4 address";
	*known = str_eq(key, "com.docker.network.bridge.gateway_mode_ipv4") &&
		 (str_eq(value, "nat") || (str_eq(value, "isolated") && n->internal));
	return NULL;
}

/*
 * An option of the bridge driver whose value can't be obeyed is refused now, not at the first start.
 * Docker keeps unknown ones in silence; for a known one that does nothing here there is a warning.
 */
static int create_check_options(const struct network *n, char *const opts[], struct mc_err *err)
{
	const struct json *all = json_member(n->doc, "Options");
	struct json_iter it = { 0 };
	for (size_t i = 0; opts && opts[i]; i++)
		if (!strchr(opts[i], '='))
			return err_set(
				err, EINVAL, "invalid option \"%s\": it must look like name=value", opts[i]);
	while (json_next(all, &it)) {
		const char *value = json_text_of(it.value);
		bool known;
		const char *why = create_wrong_option(n, it.key, value, &known);
		if (why)
			return err_set(err, EINVAL, "option %s=%s: %s", it.key, value, why);
		if (!known && str_starts(it.key, "com.docker.network."))
			warn_user("option %s=%s changes nothing here", it.key, value);
	}
	return 0;
}

int network_create(
	const struct net_home *h, const struct network_options *o, struct network *ret, struct mc_err *err)
{
	struct network n = { 0 };
	int rc = create_check_name(o->name, err);
	if (rc >= 0)
		rc = create_check_driver(o->driver, err);
	_cleanup_close_ int lock = rc < 0 ? rc : create_lock(h, err);
	if (lock < 0)
		return lock;
	_cleanup_free_ char *taken = network_path(h, o->name, NULL);
	if (access(taken, F_OK) == 0)
		return err_set(err, EEXIST, "network with name %s already exists", o->name);
	random_hex(n.id, 32);
	n.doc = network_document(o->name, "bridge");
	json_set_bool(n.doc, "EnableIPv6", o->ipv6);
	json_set_bool(n.doc, "Internal", o->internal);
	json_set_bool(n.doc, "Attachable", o->attachable);
	if (o->plain_ipam)
		json_set(json_sub(n.doc, "IPAM"), "Options", NULL);
	create_pairs(json_sub(n.doc, "Options"), o->opts);
	create_pairs(json_sub(n.doc, "Labels"), o->labels);
	rc = create_subnets(h, o, n.id, n.doc, err);
	if (rc >= 0)
		network_fill(h, &n);
	if (rc >= 0)
		rc = create_check_options(&n, o->opts, err);
	if (rc >= 0)
		rc = create_write(h, &n, err);
	if (rc < 0)
		network_release(&n);
	*ret = n;
	return rc < 0 ? rc : 0;
}
