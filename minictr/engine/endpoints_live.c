/*
 * endpoints_live.c - a running container joins a network or leaves one, without a restart.
 *
 * Kernel objects and man pages: setns(2), rtnetlink(7), nft(8).
 * Order and why: to join, what is wanted is written down first, then the same steps as at a start; names
 * are told last. To leave, names go first, then the default route and rules move, then the cable is pulled,
 * and only then is the address free. A command that is killed half-way leaves a lease of a dead process;
 * the next one that takes an address there pulls that cable. Asking again for the same finishes what was
 * begun.
 */
#include "engine/endpoints_live.h"

#include <fcntl.h>
#include <unistd.h>
#include "base/file.h"
#include "engine/endpoint_text.h"
#include "engine/spec/spec.h"
#include "network/attach.h"
#include "network/lease.h"
#include "network/nft.h"

/* --- what it has now --- */

static const char *live_name(const struct json *wish)
{
	const char *name = json_text_of(json_member(wish, "Name"));
	return name ? name : "bridge";
}

/* The entry of a network in "Networks" by its name; -1 none. */
static int live_index(const struct container *c, const char *network)
{
	const struct json *list = json_member(c->doc, "Networks");
	for (size_t i = 0; i < json_len(list); i++)
		if (str_eq(live_name(json_item(list, i)), network))
			return (int)i;
	return -1;
}

/* All its networks with their leases; `without` is left out. */
static void live_read(struct engine *e, const struct container *c, const char *without, struct endpoints *p)
{
	struct net_home h = engine_networks(e);
	const struct json *list = json_member(c->doc, "Networks");
	*p = (struct endpoints){ .items = xcalloc(json_len(list) + 1, sizeof(struct endpoint)) };
	for (size_t i = 0; i < json_len(list); i++) {
		struct endpoint *ep = &p->items[p->count];
		struct mc_err ignored = { 0 };
		const char *name = live_name(json_item(list, i));
		if ((without && str_eq(name, without)) || network_find(&h, name, &ep->network, &ignored) < 0)
			continue;
		ep->wish = json_item(list, i);
		ep->dir = network_dir(&h, &ep->network);
		p->count++;
		if (!lease_find(ep->dir, &ep->network, c->id, &ep->lease)) {
			p->count--;
			network_release(&ep->network);
			free(take_ptr(&ep->dir));
			continue;
		}
		attach_link_name(&h, c->id, ep->lease.ifname, ep->link);
	}
	endpoints_choose_way(p);
}

/* A connect or disconnect that was killed left an address that counts for nothing, and perhaps a cable. */
static void live_mend(struct engine *e, const struct container *c)
{
	struct net_home h = engine_networks(e);
	const struct json *list = json_member(c->doc, "Networks");
	for (size_t i = 0; c->init.pid && i < json_len(list); i++) {
		_cleanup_network_ struct network n = { 0 };
		struct mc_err ignored = { 0 };
		if (network_find(&h, live_name(json_item(list, i)), &n, &ignored) >= 0 &&
			network_is_bridge(&n))
			endpoints_mend(e, &n);
	}
}

static unsigned live_free_index(const struct endpoints *p)
{
	for (unsigned n = 0;; n++) {
		bool taken = false;
		for (size_t i = 0; i < p->count; i++)
			taken |= (unsigned)atoi(p->items[i].lease.ifname + strlen("eth")) == n;
		if (!taken)
			return n;
	}
}

/* --- what follows a change --- */

/* The default routes of those that have them now. Replacing one with itself changes nothing. */
static int live_routes(const struct endpoints *p, int netns, struct mc_err *err)
{
	const struct endpoint *ways[] = { p->way4, p->way6 };
	int rc = 0;
	for (int i = 0; rc >= 0 && i < 2; i++)
		if (ways[i] && (!i || ways[1] != ways[0]))
			rc = endpoint_route(&ways[i]->lease, netns, err);
	return rc;
}

/*
 * Published ports lead to the network that has the default route: when that moves, so do they, in one
 * transaction.
 */
static int live_ports(struct engine *e, struct container *c, struct json *net, struct mc_err *err)
{
	struct net_home h = engine_networks(e);
	struct text old = { 0 }, fresh = { 0 }, t = { 0 };
	char table[32], *save = NULL;
	network_table(&h, table);
	endpoints_port_rules(c, table, &old);
	struct json *before = c->net;
	c->net = net;
	endpoints_port_rules(c, table, &fresh);
	c->net = before;
	int rc = 0;
	if (!str_eq(old.buf.data, fresh.buf.data)) {
		for (char *line = old.buf.data ? strtok_r(old.buf.data, "\n", &save) : NULL; line;
			line = strtok_r(NULL, "\n", &save))
			text_line(&t, "%s\ndelete%s", line, line + strlen("add"));
		if (fresh.buf.data)
			buf_adds(&t.buf, fresh.buf.data);
		struct mc_err why = { 0 };
		rc = nft_run(&t, &why);
		/* A command that was killed behind this line, before the record: the rules are the fresh ones. */
		if (rc == -EEXIST)
			rc = nft_run(&fresh, err);
		else if (rc < 0)
			*err = why;
	}
	buf_release(&old.buf);
	buf_release(&fresh.buf);
	buf_release(&t.buf);
	return rc;
}

/*
 * /etc/hosts inside, written in place: it is a mount, and a new file would not be seen. One that was
 * changed inside stays.
 */
static void live_hosts(struct engine *e, const struct container *c, const struct endpoints *before,
	const struct endpoints *after)
{
	struct spec_input in = { .engine = e, .container = c, .net = before };
	_cleanup_buf_ struct buf ours = { 0 }, have = { 0 }, want = { 0 };
	_cleanup_free_ char *path = container_path(e, c->id, "hosts");
	struct mc_err ignored = { 0 };
	spec_hosts_text(&in, &ours);
	in.net = after;
	spec_hosts_text(&in, &want);
	if (file_read(AT_FDCWD, path, 1 << 20, &have, &ignored) < 0 || !str_eq(have.data, ours.data))
		return;
	int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC | O_NOFOLLOW);
	if (fd >= 0)
		file_write_all(fd, want.data, want.len, &ignored);
	close_fd(fd);
}

/* Ports do not change: they belong to the container, not to a network. */
static struct json *live_net(const struct container *c, const struct endpoints *p)
{
	struct json *net = endpoints_json(c, p);
	json_set(net, "Ports", json_copy(json_member(c->net, "Ports")));
	return net;
}

static int live_commit(struct engine *e, struct container *c, struct json *net, const struct endpoints *p,
	struct mc_err *err)
{
	int rc = live_ports(e, c, net, err);
	if (rc >= 0)
		rc = endpoints_write_net(e, c, p, err);
	if (rc < 0) {
		json_free(net);
		return rc;
	}
	json_free(c->net);
	c->net = net;
	return container_save_state(e, c, err);
}

/* --- joining --- */

static int live_check(
	const struct container *c, const struct network *n, const struct json *wish, struct mc_err *err)
{
	const char *mode = json_text_of(json_member(c->host, "NetworkMode"));
	if (mode && (str_starts(mode, "container:") || str_eq(mode, "host")))
		return err_set(err, EINVAL,
			"container sharing network namespace with another container or host cannot be "
			"connected to "
			"any other network");
	if (mode && (str_eq(mode, "none") || str_eq(mode, "private")))
		return err_set(err, EINVAL,
			"container cannot be connected to multiple networks with one of the networks in "
			"private "
			"(none) mode");
	if (!network_is_bridge(n))
		return err_set(err, EINVAL, "container cannot be connected to network %s", n->name);
	if (network_is_predefined(n->name) && json_len(json_member(wish, "Aliases")))
		return err_set(
			err, EINVAL, "network-scoped aliases are only supported for user-defined networks");
	if (network_is_predefined(n->name) &&
		(json_member(wish, "IPv4Address") || json_member(wish, "IPv6Address")))
		return err_set(
			err, EINVAL, "user specified IP address is supported on user defined networks only");
	return 0;
}

static int live_plug(struct engine *e, struct container *c, const struct json *wish, struct mc_err *err)
{
	struct endpoints before, after;
	char ifname[IFNAMSIZ];
	live_read(e, c, live_name(wish), &before);
	live_read(e, c, live_name(wish), &after);
	unsigned index = live_free_index(&before);
	struct endpoint *ep = &after.items[after.count++];
	snprintf(ifname, sizeof(ifname), "eth%u", index);
	int rc = endpoint_plan(e, c, wish, ifname, ep, err);
	_cleanup_close_ int netns = rc < 0 ? rc : endpoints_namespace(c->init.pid, err);
	if (netns < 0)
		rc = netns;
	endpoints_choose_way(&after);
	if (rc >= 0)
		rc = endpoint_connect(e, ep, netns, err);
	if (rc >= 0)
		rc = live_routes(&after, netns, err);
	if (rc >= 0)
		rc = live_commit(e, c, live_net(c, &after), &after, err);
	_cleanup_strv_ char **names = endpoints_names(c, wish);
	if (rc >= 0)
		rc = lease_raise(ep->dir, c->id, &c->init, names, err);
	if (rc >= 0)
		live_hosts(e, c, &before, &after);
	if (rc < 0 && ep->dir) {
		endpoint_unplug(ep->link);
		lease_drop(ep->dir, c->id, false);
	}
	endpoints_release(&before);
	endpoints_release(&after);
	return rc;
}

static void live_take_out(struct container *c, int index)
{
	const struct json *list = json_member(c->doc, "Networks");
	struct json *left = json_new_array();
	for (size_t i = 0; i < json_len(list); i++)
		if ((int)i != index)
			json_add(left, json_copy(json_item(list, i)));
	json_set(c->doc, "Networks", left);
}

int endpoints_join(struct engine *e, struct container *c, const struct json *wish, struct mc_err *err)
{
	struct net_home h = engine_networks(e);
	_cleanup_network_ struct network n = { 0 };
	int rc = network_find(&h, live_name(wish), &n, err);
	if (rc >= 0)
		rc = live_check(c, &n, wish, err);
	if (rc < 0)
		return rc;
	live_mend(e, c);
	_cleanup_json_ struct json *full = json_copy(wish);
	json_set_string(full, "Name", n.name); /* it may have been named by its id */
	int index = live_index(c, n.name);
	bool has = json_member(json_member(c->net, "Networks"), n.name);
	if (index >= 0 && (has || !c->init.pid))
		return err_set(
			err, EEXIST, "endpoint with name %s already exists in network %s", c->name, n.name);
	if (index >= 0)
		live_take_out(c, index); /* begun by a command that died: once more */
	const struct json *entry = json_add((struct json *)json_member(c->doc, "Networks"), json_copy(full));
	rc = container_save(e, c, err);
	if (rc >= 0 && c->init.pid)
		rc = live_plug(e, c, entry, err);
	if (rc < 0) {
		struct mc_err ignored = { 0 };
		live_take_out(c, live_index(c, n.name));
		container_save(e, c, &ignored);
		return rc;
	}
	endpoint_event(e, c, n.name, n.id, "connect");
	return 0;
}

/* --- leaving --- */

static int live_unplug(struct engine *e, struct container *c, const struct network *n, struct mc_err *err)
{
	struct net_home h = engine_networks(e);
	_cleanup_free_ char *dir = network_dir(&h, n);
	struct endpoints before, after;
	struct lease gone;
	char link[IFNAMSIZ];
	bool had = lease_find(dir, n, c->id, &gone);
	live_read(e, c, NULL, &before);
	live_read(e, c, n->name, &after);
	lease_lower(dir, c->id);
	_cleanup_close_ int netns = endpoints_namespace(c->init.pid, err);
	/* before the record: a command that is killed between the two leaves a container with a way out */
	int rc = netns < 0 ? netns : live_routes(&after, netns, err);
	if (rc >= 0)
		rc = live_commit(e, c, live_net(c, &after), &after, err);
	if (rc >= 0 && had) {
		attach_link_name(&h, c->id, gone.ifname, link);
		endpoint_unplug(link);
	}
	if (rc >= 0)
		live_hosts(e, c, &before, &after);
	if (rc >= 0)
		lease_drop(dir, c->id, false);
	endpoints_release(&before);
	endpoints_release(&after);
	return rc;
}

int endpoints_leave(struct engine *e, struct container *c, const struct network *n, struct mc_err *err)
{
	struct net_home h = engine_networks(e);
	_cleanup_free_ char *dir = network_dir(&h, n);
	int index = live_index(c, n->name), rc = 0;
	if (index < 0)
		return err_set(err, ENOENT, "container %s is not connected to network %s", c->name, n->name);
	live_mend(e, c);
	if (c->init.pid)
		rc = live_unplug(e, c, n, err);
	else
		lease_drop(dir, c->id, false);
	if (rc < 0)
		return rc;
	live_take_out(c, index);
	rc = container_save(e, c, err);
	if (rc >= 0)
		endpoint_event(e, c, n->name, n->id, "disconnect");
	return rc < 0 ? rc : 0;
}

/* --- a link goes --- */

/* The entry of "Networks" that has the link; its number in there. */
static struct json *live_link(const struct container *c, const char *alias, size_t *ret)
{
	const struct json *list = json_member(c->doc, "Networks");
	for (size_t i = 0; i < json_len(list); i++) {
		const struct json *wish = json_item(list, i), *links = json_member(wish, "Links");
		for (*ret = 0; *ret < json_len(links); (*ret)++) {
			const char *link = json_text_of(json_item(links, *ret));
			if (str_eq(link + strcspn(link, ":") + 1, alias))
				return (struct json *)wish;
		}
	}
	return NULL;
}

int endpoints_unlink(struct engine *e, struct container *c, const char *alias, struct mc_err *err)
{
	struct endpoints now;
	size_t gone = 0;
	struct json *wish = live_link(c, alias, &gone), *left = json_new_array();
	if (!wish)
		return json_free(left), err_set(err, ENOENT, "container %s has no link %s", c->name, alias);
	const struct json *links = json_member(wish, "Links");
	for (size_t i = 0; i < json_len(links); i++)
		if (i != gone)
			json_add(left, json_copy(json_item(links, i)));
	json_set(wish, "Links", left);
	int rc = container_save(e, c, err);
	if (rc < 0 || !c->init.pid)
		return rc;
	live_read(e, c, NULL, &now);
	rc = endpoints_write_net(e, c, &now, err);
	endpoints_release(&now);
	return rc;
}

/* --- another name --- */

int endpoints_rename(struct engine *e, struct container *c, struct mc_err *err)
{
	struct endpoints now;
	int rc = 0;
	if (!c->init.pid || !endpoints_wanted(e, c))
		return 0;
	live_mend(e, c);
	live_read(e, c, NULL, &now);
	for (size_t i = 0; rc >= 0 && i < now.count; i++) {
		_cleanup_strv_ char **names = endpoints_names(c, now.items[i].wish);
		rc = lease_raise(now.items[i].dir, c->id, &c->init, names, err);
	}
	struct json *net = live_net(c, &now); /* its DNSNames */
	json_free(c->net);
	c->net = net;
	if (rc >= 0)
		rc = container_save_state(e, c, err);
	endpoints_release(&now);
	return rc;
}
