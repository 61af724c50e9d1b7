/*
 * network_jobs.c - jobs over networks.
 *
 * Order and why: a network is removed name first (no new container finds it), then rules and bridge, then
 * its files. What a crash leaves of it has no name, and `network repair` and the next prune take it away.
 */
#include "engine/network_jobs.h"

#include <fcntl.h>
#include "base/file.h"
#include "engine/endpoints_live.h"
#include "engine/events.h"
#include "network/lease.h"

int networks_allowed(const struct engine *e, struct mc_err *err)
{
	if (!e->rootless)
		return 0;
	err_set(err, EPERM, "networks are made by root: an unprivileged user may not make links on the host");
	return err_hint(err, "each of your containers gets its own network from pasta (--network pasta); "
			     "--network container:NAME lets two share one");
}

static void jobs_event(struct engine *e, const struct network *n, const char *action)
{
	char **words = NULL;
	strv_pushf(&words, "name=%s", n->name);
	strv_pushf(&words, "type=%s", n->driver);
	event_log(e, "network", action, n->id, words);
	strv_free(words);
}

int engine_network_create(
	struct engine *e, const struct network_options *o, char ret_id[65], struct mc_err *err)
{
	struct net_home h = engine_networks(e);
	_cleanup_network_ struct network n = { 0 };
	int rc = networks_allowed(e, err);
	if (rc >= 0)
		rc = network_create(&h, o, &n, err);
	if (rc < 0)
		return rc;
	snprintf(ret_id, 65, "%s", n.id);
	jobs_event(e, &n, "create");
	return 0;
}

/* --- looking --- */

static const char *jobs_wish_name(const struct json *wish)
{
	const char *name = json_text_of(json_member(wish, "Name"));
	return name ? name : "bridge";
}

static bool jobs_asks_for(const struct container *c, const char *network)
{
	const struct json *list = json_member(c->doc, "Networks");
	const char *mode = json_text_of(json_member(c->host, "NetworkMode"));
	for (size_t i = 0; i < json_len(list); i++)
		if (str_eq(jobs_wish_name(json_item(list, i)), network))
			return true;
	return !json_len(list) && str_eq(mode, network);
}

/* What it has, not what it asked for: the network may have been taken from it since its start. */
static bool jobs_is_in(const struct container *c, const char *network)
{
	const struct json *have = json_member(c->net, "Networks");
	return c->init.pid && (have ? json_member(have, network) != NULL : jobs_asks_for(c, network));
}

static void jobs_container(const struct container *c, const char *network, struct json *all)
{
	const struct json *have = json_member(json_member(c->net, "Networks"), network);
	const char *four = json_text_of(json_member(have, "IPAddress"));
	const char *six = json_text_of(json_member(have, "GlobalIPv6Address"));
	struct json *o = json_set(all, c->id, json_new_object());
	json_set_string(o, "Name", c->name);
	const char *endpoint = json_text_of(json_member(have, "EndpointID"));
	const char *mac = json_text_of(json_member(have, "MacAddress"));
	json_set_string(o, "EndpointID", endpoint ? endpoint : "");
	json_set_string(o, "MacAddress", mac ? mac : "");
	_cleanup_free_ char *v4 =
		four && *four
			? xasprintf("%s/%lld", four, (long long)json_int_of(json_member(have, "IPPrefixLen")))
			: xstrdup("");
	_cleanup_free_ char *v6 =
		six && *six ? xasprintf("%s/%lld", six,
				      (long long)json_int_of(json_member(have, "GlobalIPv6PrefixLen")))
			    : xstrdup("");
	json_set_string(o, "IPv4Address", v4);
	json_set_string(o, "IPv6Address", v6);
}

int engine_network_document(struct engine *e, const struct network *n, struct json **ret, struct mc_err *err)
{
	static const char *const order[] = { "Name", "Id", "Created", "Scope", "Driver", "EnableIPv4",
		"EnableIPv6", "IPAM", "Internal", "Attachable" };
	_cleanup_container_list_ struct container_list all = { 0 };
	int rc = container_list(e, &all, err);
	if (rc < 0)
		return rc;
	struct json *o = *ret = json_new_object();
	for (size_t i = 0; i < ARRAY_LEN(order); i++)
		if (str_eq(order[i], "Id"))
			json_set_string(o, "Id", n->id);
		else
			json_set(o, order[i], json_copy(json_member(n->doc, order[i])));
	json_set_bool(o, "Ingress", false);
	json_set_string(json_sub(o, "ConfigFrom"), "Network", "");
	json_set_bool(o, "ConfigOnly", false);
	struct json *containers = json_sub(o, "Containers");
	for (size_t i = 0; i < all.count; i++)
		if (jobs_is_in(&all.items[i], n->name))
			jobs_container(&all.items[i], n->name, containers);
	json_set(o, "Options", json_copy(json_member(n->doc, "Options")));
	json_set(o, "Labels", json_copy(json_member(n->doc, "Labels")));
	return 0;
}

bool engine_network_is_used(struct engine *e, const struct network *n)
{
	_cleanup_container_list_ struct container_list all = { 0 };
	struct mc_err ignored = { 0 };
	if (container_list(e, &all, &ignored) < 0)
		return true;
	for (size_t i = 0; i < all.count; i++)
		if (jobs_asks_for(&all.items[i], n->name))
			return true;
	return false;
}

/* --- removing --- */

/* Who has an address in it: a running container, one that is just starting, a build's RUN. */
static char **jobs_holders(struct engine *e, const struct network *n)
{
	struct net_home h = engine_networks(e);
	_cleanup_lease_file_ struct lease_file f = { 0 };
	_cleanup_free_ char *dir = network_dir(&h, n);
	char **names = NULL;
	lease_read(dir, &f);
	for (size_t i = 0; i < f.count; i++)
		if (f.lines[i].state != LEASE_HELD)
			strv_push(&names, f.lines[i].names ? f.lines[i].names[0] : f.lines[i].id);
	return names;
}

/* Containers that run in it; one that does not run finds out at its next start. */
static int jobs_check_unused(struct engine *e, const struct network *n, struct mc_err *err)
{
	_cleanup_container_list_ struct container_list all = { 0 };
	_cleanup_strv_ char **names = jobs_holders(e, n);
	int rc = container_list(e, &all, err);
	for (size_t i = 0; rc >= 0 && i < all.count; i++)
		if (all.items[i].init.pid && jobs_asks_for(&all.items[i], n->name) &&
			!strv_has(names, all.items[i].name))
			strv_push(&names, all.items[i].name);
	if (rc < 0 || !strv_len(names))
		return rc;
	_cleanup_buf_ struct buf list = { 0 };
	for (size_t i = 0; names[i]; i++)
		buf_addf(&list, "%s%s", i ? ", " : "", names[i]);
	err_set(err, EBUSY, "network %s has active endpoints: %s", n->name, list.data);
	return err_hint(err, "stop them, or take them out: minictr network disconnect %s NAME", n->name);
}

int engine_network_remove(struct engine *e, const char *name, char ret_name[256], struct mc_err *err)
{
	struct net_home h = engine_networks(e);
	_cleanup_network_ struct network n = { 0 };
	int rc = networks_allowed(e, err);
	/*
	 * Held until its name is gone: no start takes an address between our look at its users and the
	 * removal.
	 */
	_cleanup_close_ int lock = rc < 0 ? rc : net_lock(e, err);
	rc = lock < 0 ? lock : network_find(&h, name, &n, err);
	if (rc < 0)
		return rc;
	if (network_is_predefined(n.name))
		return err_set(err, EPERM, "%s is a pre-defined network and cannot be removed", n.name);
	rc = jobs_check_unused(e, &n, err);
	if (rc < 0)
		return rc;
	net_remove(e, &n);
	rc = network_remove(&h, &n, err);
	if (rc < 0)
		return rc;
	snprintf(ret_name, 256, "%s", n.name);
	jobs_event(e, &n, "destroy");
	return 0;
}

/* --- connecting --- */

static int jobs_lock(struct engine *e, const char *name, struct container *c, struct mc_err *err)
{
	_cleanup_container_ struct container found = { 0 };
	int rc = container_find(e, name, &found, err);
	_cleanup_close_ int lock = rc < 0 ? rc : container_lock(e, found.id, err);
	if (lock < 0)
		return lock;
	rc = container_load(e, found.id, c, err);
	return rc < 0 ? rc : take_fd(&lock);
}

int engine_network_connect(
	struct engine *e, const char *container, const struct json *wish, struct mc_err *err)
{
	_cleanup_container_ struct container c = { 0 };
	int rc = networks_allowed(e, err);
	_cleanup_close_ int lock = rc < 0 ? rc : jobs_lock(e, container, &c, err);
	return lock < 0 ? lock : endpoints_join(e, &c, wish, err);
}

int engine_network_disconnect(
	struct engine *e, const char *network, const char *container, bool force, struct mc_err *err)
{
	struct net_home h = engine_networks(e);
	_cleanup_container_ struct container c = { 0 };
	_cleanup_network_ struct network n = { 0 };
	int rc = networks_allowed(e, err);
	if (rc >= 0)
		rc = network_find(&h, network, &n, err);
	_cleanup_close_ int lock = rc < 0 ? rc : jobs_lock(e, container, &c, err);
	if (rc >= 0 && lock == -ENOENT && force) {
		_cleanup_free_ char *dir = network_dir(&h, &n);
		lease_drop(dir, container, false);
		*err = (struct mc_err){ 0 };
		return 0;
	}
	return lock < 0 ? lock : endpoints_leave(e, &c, &n, err);
}

int engine_unlink(struct engine *e, const char *link, struct mc_err *err)
{
	_cleanup_container_ struct container c = { 0 };
	const char *path = link + (*link == '/'), *slash = strchr(path, '/');
	_cleanup_free_ char *name = xstrndup(path, strcspn(path, "/"));
	if (!slash)
		return err_set(err, EINVAL, "\"%s\" is no link: expected CONTAINER/ALIAS", link);
	_cleanup_close_ int lock = jobs_lock(e, name, &c, err);
	return lock < 0 ? lock : endpoints_unlink(e, &c, slash + 1, err);
}

/* --- repair --- */

int engine_network_repair(struct engine *e, struct mc_err *err)
{
	struct net_home h = engine_networks(e);
	_cleanup_network_list_ struct network_list all = { 0 };
	int rc = network_list(&h, &all, err);
	/* leases before rules: those are read from them */
	for (size_t i = 0; rc >= 0 && i < all.count; i++)
		if (network_is_bridge(&all.items[i]))
			endpoints_mend(e, &all.items[i]);
	return rc < 0 ? rc : net_repair(e, err);
}
