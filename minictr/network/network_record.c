/*
 * network_record.c - the networks of one engine, as files.
 *
 * Kernel objects and man pages: symlink(2), rename(2), rtnetlink(7) for the routes that are in use.
 * Order and why: all is checked, the directory is written, the name is claimed last: from then on the network
 * exists. Its bridge is made by the first container that needs it (attach.c), so a network costs nothing
 * after a reboot.
 */
#include "network/network_record.h"

#include <fcntl.h>
#include <time.h>
#include <unistd.h>
#include "base/file.h"

static const char *const predefined[] = { "bridge", "host", "none" };

bool network_is_predefined(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(predefined); i++)
		if (str_eq(name, predefined[i]))
			return true;
	return false;
}

bool network_is_bridge(const struct network *n) { return str_eq(n->driver, "bridge"); }

void network_table(const struct net_home *h, char out[32]) { snprintf(out, 32, "minictr_%.12s", h->key); }

void network_alias(const struct net_home *h, char out[64]) { snprintf(out, 64, "minictr %.16s", h->key); }

char *network_path(const struct net_home *h, const char *id, const char *file)
{
	return xasprintf("%s/networks/%s%s%s", h->root, id, file ? "/" : "", file ? file : "");
}

char *network_dir(const struct net_home *h, const struct network *n) { return network_path(h, n->id, NULL); }

void network_release(struct network *n)
{
	free(n->name);
	free(n->driver);
	json_free(n->doc);
	*n = (struct network){ 0 };
}

void network_list_release(struct network_list *l)
{
	for (size_t i = 0; i < l->count; i++)
		network_release(&l->items[i]);
	free(l->items);
	*l = (struct network_list){ 0 };
}

/* --- names of kernel objects --- */

/* An id that is the same each time: predefined networks have no create. */
void network_fixed_id(const struct net_home *h, const char *name, char out[65])
{
	for (int i = 0; i < 4; i++) {
		_cleanup_free_ char *seed = xasprintf("%s %s %d", h->key, name, i);
		snprintf(out + i * 16, 17, "%016llx", (unsigned long long)fnv1a(seed, strlen(seed)));
	}
}

/* 15 bytes at most, so a hash; never the user's own name. The first engine's default bridge has a name to
 * remember. */
static void record_bridge(const struct net_home *h, struct network *n)
{
	const char *asked =
		json_text_of(json_member(json_member(n->doc, "Options"), "com.docker.network.bridge.name"));
	_cleanup_free_ char *seed = xasprintf("%s %s", h->key, n->id);
	n->named_by_user = asked && *asked;
	if (n->named_by_user && strlen(asked) < sizeof(n->bridge))
		snprintf(n->bridge, sizeof(n->bridge), "%s", asked);
	else if (str_eq(n->name, "bridge") && str_eq(h->root, "/var/lib/minictr"))
		snprintf(n->bridge, sizeof(n->bridge), "minictr0");
	else
		snprintf(n->bridge, sizeof(n->bridge), "mb%012llx",
			(unsigned long long)fnv1a(seed, strlen(seed)) & 0xffffffffffffull);
}

/* --- reading --- */

static void record_subnet(const struct json *config, struct network *n)
{
	const char *subnet = json_text_of(json_member(config, "Subnet"));
	const char *gateway = json_text_of(json_member(config, "Gateway"));
	const char *range = json_text_of(json_member(config, "IPRange"));
	struct subnet s;
	if (!subnet || subnet_parse(subnet, 0, &s) < 0)
		return;
	if (gateway)
		address_parse(gateway, s.address.family, &s.address);
	*(s.address.family == AF_INET ? &n->subnet4 : &n->subnet6) = s;
	if (range)
		subnet_parse(range, s.address.family, s.address.family == AF_INET ? &n->range4 : &n->range6);
}

static const char *record_option(const struct network *n, const char *key)
{
	return json_text_of(json_member(json_member(n->doc, "Options"), key));
}

static bool record_is_false(const char *s)
{
	return s && (str_eq(s, "0") || !strcasecmp(s, "f") || !strcasecmp(s, "false"));
}

/* Options that docker's bridge driver knows. */
static void record_options(struct network *n)
{
	const char *mtu = record_option(n, "com.docker.network.driver.mtu");
	const char *masquerade = record_option(n, "com.docker.network.bridge.enable_ip_masquerade");
	const char *host = record_option(n, "com.docker.network.bridge.host_binding_ipv4");
	const char *mode = record_option(n, "com.docker.network.bridge.gateway_mode_ipv4");
	uint64_t value = 0;
	if (mtu && parse_u64(mtu, &value) == 0)
		n->mtu = (unsigned)value;
	n->no_masquerade = record_is_false(masquerade);
	n->no_neighbours = record_is_false(record_option(n, "com.docker.network.bridge.enable_icc"));
	n->isolated_gateway = n->internal && str_eq(mode, "isolated");
	if (host)
		address_parse(host, AF_INET, &n->publish_host);
}

/* Fills the plain struct from n->doc. */
void network_fill(const struct net_home *h, struct network *n)
{
	struct mc_err ignored = { 0 };
	const char *name = NULL, *driver = NULL, *created = NULL;
	json_get_string(n->doc, &name, &ignored, "Name");
	json_get_string(n->doc, &driver, &ignored, "Driver");
	json_get_string(n->doc, &created, &ignored, "Created");
	json_get_bool(n->doc, &n->internal, &ignored, "Internal");
	n->name = xstrdup(name ? name : "");
	n->driver = xstrdup(driver ? driver : "bridge");
	if (created)
		parse_rfc3339(created, &n->created);
	const struct json *configs = json_at(n->doc, "IPAM.Config");
	for (size_t i = 0; i < json_len(configs); i++)
		record_subnet(json_item(configs, i), n);
	record_options(n);
	network_table(h, n->table);
	if (network_is_bridge(n))
		record_bridge(h, n);
}

int network_load(const struct net_home *h, const char *id, struct network *ret, struct mc_err *err)
{
	_cleanup_free_ char *path = network_path(h, id, "network.json");
	*ret = (struct network){ 0 };
	int rc = json_parse_record(AT_FDCWD, path, 1 << 20, &ret->doc, err);
	if (rc < 0)
		return rc;
	snprintf(ret->id, sizeof(ret->id), "%s", id);
	network_fill(h, ret);
	return 0;
}

int network_load_named(const struct net_home *h, const char *name, struct network *ret, struct mc_err *err)
{
	_cleanup_free_ char *path = network_path(h, name, NULL);
	char id[65] = "";
	ssize_t n = strchr(name, '/') || !*name ? -1 : readlink(path, id, sizeof(id) - 1);
	if (n != 64)
		return err_set(err, ENOENT, "network %s not found", name);
	return network_load(h, id, ret, err);
}

struct json *network_document(const char *name, const char *driver)
{
	struct json *doc = json_new_object();
	char created[40];
	time_rfc3339((int64_t)now_ns(CLOCK_REALTIME), created, sizeof(created));
	json_set_string(doc, "Name", name);
	json_set_string(doc, "Created", created);
	json_set_string(doc, "Scope", "local");
	json_set_string(doc, "Driver", driver);
	json_set_bool(doc, "EnableIPv4", true);
	json_set_bool(doc, "EnableIPv6", false);
	struct json *ipam = json_sub(doc, "IPAM");
	json_set_string(ipam, "Driver", "default");
	json_sub(ipam, "Options");
	json_set(ipam, "Config", json_new_array());
	json_set_bool(doc, "Internal", false);
	json_set_bool(doc, "Attachable", false);
	json_sub(doc, "Options");
	json_sub(doc, "Labels");
	return doc;
}

void network_predefined(const struct net_home *h, const char *name, struct network *ret)
{
	*ret = (struct network){ .doc = network_document(name, str_eq(name, "none") ? "null" : name) };
	network_fixed_id(h, name, ret->id);
	network_fill(h, ret);
}

/* --- all of them --- */

static bool record_is_id(const char *s)
{
	return strlen(s) == 64 && s[strspn(s, "0123456789abcdef")] == '\0';
}

static int record_by_names(const void *a, const void *b)
{
	return strcmp(((const struct network *)a)->name, ((const struct network *)b)->name);
}

int network_list(const struct net_home *h, struct network_list *ret, struct mc_err *err)
{
	_cleanup_strv_ char **names = NULL;
	_cleanup_free_ char *dir = xasprintf("%s/networks", h->root);
	struct mc_err ignored = { 0 };
	*ret = (struct network_list){ 0 };
	if (dir_list(AT_FDCWD, dir, &names, &ignored) < 0)
		strv_free(take_ptr(&names)); /* none was ever made */
	ret->items = xcalloc(strv_len(names) + ARRAY_LEN(predefined), sizeof(*ret->items));
	for (size_t i = 0; names && names[i]; i++) {
		bool skip =
			record_is_id(names[i]) || str_eq(names[i], "lock") || network_is_predefined(names[i]);
		if (!skip && network_load_named(h, names[i], &ret->items[ret->count], &ignored) == 0)
			ret->count++;
	}
	for (size_t i = 0; i < ARRAY_LEN(predefined); i++) {
		char id[65];
		network_fixed_id(h, predefined[i], id);
		struct network *n = &ret->items[ret->count];
		if (network_load(h, id, n, &ignored) == 0) {
			ret->count++;
			continue;
		}
		/* not used yet: shown without a subnet, since a list makes nothing */
		network_predefined(h, predefined[i], n);
		ret->count++;
	}
	qsort(ret->items, ret->count, sizeof(*ret->items), record_by_names);
	return 0;
}

int network_remove(const struct net_home *h, const struct network *n, struct mc_err *err)
{
	_cleanup_free_ char *name = network_path(h, n->name, NULL), *dir = network_path(h, n->id, NULL);
	if (unlink(name) < 0 && errno != ENOENT)
		return err_sys(err, "unlink(\"%s\")", name);
	return dir_remove(AT_FDCWD, dir, err);
}

/* Under the lock of create: a directory has no name yet while its network is being made. */
void network_sweep(const struct net_home *h)
{
	_cleanup_free_ char *dir = xasprintf("%s/networks", h->root), *path = xasprintf("%s/lock", dir);
	_cleanup_strv_ char **names = NULL, **named = NULL;
	struct mc_err ignored = { 0 };
	_cleanup_close_ int lock =
		path_is_dir(AT_FDCWD, dir) ? file_lock(AT_FDCWD, path, true, &ignored) : -1;
	if (lock < 0 || dir_list(AT_FDCWD, dir, &names, &ignored) < 0)
		return;
	for (size_t i = 0; names[i]; i++) {
		_cleanup_free_ char *link = xasprintf("%s/%s", dir, names[i]);
		char id[65] = "";
		if (readlink(link, id, sizeof(id) - 1) == 64)
			strv_push(&named, id);
	}
	for (size_t i = 0; names[i]; i++) {
		_cleanup_free_ char *left = xasprintf("%s/%s", dir, names[i]);
		if (record_is_id(names[i]) && !strv_has(named, names[i]))
			dir_remove(AT_FDCWD, left, &ignored);
	}
}
