/*
 * networks.c - the rules that belong to what runs, and their end.
 *
 * Kernel objects and man pages: nft(8), rtnetlink(7), flock(2).
 * Order and why: what should be there is read from records and leases, never from the rules. The file
 * run_dir/nft says which table we wrote (the kernel numbers tables) and which networks it knows; when the
 * numbers differ, another program has deleted it, and it is written anew. So a start asks the kernel one
 * question and runs nft only when rules change. The lock run_dir/net.lock makes changes of table and
 * bridges one at a time: a start looks at its bridge under it, and the end of the last container, which
 * comes in a process of its own a second later, looks under it whether there is a container by now.
 */
#include "engine/networks.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/explain.h"
#include "base/file.h"
#include "base/sys.h"
#include "engine/endpoints.h"
#include "network/attach.h"
#include "network/firewall.h"
#include "network/lease.h"
#include "network/network_create.h"
#include "network/nft.h"

enum { SWEEP_AFTER_MS = 1000 };

struct net_home engine_networks(const struct engine *e)
{
	return (struct net_home){ .root = e->root,
		.run_dir = e->run_dir,
		.key = e->key,
		.pools = e->config.pools,
		.n_pools = e->config.n_pools };
}

/* --- the lock --- */

static char *rules_path(const struct engine *e, const char *file)
{
	return xasprintf("%s/%s", e->run_dir, file);
}

/*
 * sweep_now() removes the file while it holds the lock. A process that has waited for it then holds a file
 * without a name, and another process would make a new one and hold that at the same time.
 */
static bool rules_lock_is_there(int lock, const char *path)
{
	struct stat ours, there;
	return fstat(lock, &ours) == 0 && stat(path, &there) == 0 && ours.st_ino == there.st_ino &&
	       ours.st_dev == there.st_dev;
}

int net_lock(struct engine *e, struct mc_err *err)
{
	_cleanup_free_ char *path = rules_path(e, "net.lock");
	for (;;) {
		struct mc_err why = { 0 };
		int rc = dir_make(AT_FDCWD, e->run_dir, 0700, err);
		if (rc < 0)
			return rc;
		_cleanup_close_ int lock = file_lock(AT_FDCWD, path, true, &why);
		if (lock >= 0 && rules_lock_is_there(lock, path))
			return take_fd(&lock);
		if (lock < 0 && lock != -ENOENT) { /* ENOENT: the directory was removed, too */
			*err = why;
			return lock;
		}
	}
}

/* --- what the table knows --- */

struct rules_state {
	uint64_t handle; /* 0: no table of ours was written since the boot */
	char **networks; /* ids */
};

static void rules_read(const struct engine *e, struct rules_state *s)
{
	_cleanup_free_ char *path = rules_path(e, "nft");
	_cleanup_buf_ struct buf b = { 0 };
	struct mc_err ignored = { 0 };
	char *save = NULL;
	*s = (struct rules_state){ 0 };
	if (file_read(AT_FDCWD, path, 1 << 20, &b, &ignored) < 0 || !b.data)
		return;
	char *word = strtok_r(b.data, " \n", &save);
	if (word)
		parse_u64(word, &s->handle);
	while ((word = strtok_r(NULL, " \n", &save)))
		strv_push(&s->networks, word);
}

static void rules_write(const struct engine *e, const struct rules_state *s)
{
	_cleanup_free_ char *path = rules_path(e, "nft");
	_cleanup_buf_ struct buf b = { 0 };
	struct mc_err ignored = { 0 };
	buf_addf(&b, "%llu\n", (unsigned long long)s->handle);
	for (size_t i = 0; s->networks && s->networks[i]; i++)
		buf_addf(&b, "%s\n", s->networks[i]);
	file_write_atomic(AT_FDCWD, path, b.data, b.len, 0600, 0, &ignored);
}

/* --- what should be there --- */

static bool rules_in_use(const struct net_home *h, const struct network *n)
{
	_cleanup_lease_file_ struct lease_file f = { 0 };
	_cleanup_free_ char *dir = network_dir(h, n);
	lease_read(dir, &f);
	for (size_t i = 0; i < f.count; i++)
		if (f.lines[i].state != LEASE_HELD)
			return true;
	return false;
}

/* All networks that have a container, and `also`. */
static int rules_add_networks(const struct net_home *h, const struct network *also, struct text *t,
	struct rules_state *s, struct mc_err *err)
{
	_cleanup_network_list_ struct network_list all = { 0 };
	int rc = network_list(h, &all, err);
	for (size_t i = 0; rc >= 0 && i < all.count; i++) {
		struct network *n = &all.items[i];
		bool asked = also && str_eq(also->id, n->id);
		if (!network_is_bridge(n) || !n->subnet4.address.family || (!asked && !rules_in_use(h, n)))
			continue;
		rules_network(t, n);
		strv_push(&s->networks, n->id);
	}
	return rc;
}

static int rules_add_ports(struct engine *e, const char *table, struct text *t, struct mc_err *err)
{
	_cleanup_container_list_ struct container_list all = { 0 };
	int rc = container_list(e, &all, err);
	for (size_t i = 0; rc >= 0 && i < all.count; i++)
		if (all.items[i].init.pid)
			endpoints_port_rules(&all.items[i], table, t);
	return rc;
}

/* The whole table, from what runs. fresh: elements that are there already are forgotten first. */
static int rules_rewrite(struct engine *e, const struct network *n, bool fresh, struct mc_err *err)
{
	struct net_home h = engine_networks(e);
	struct rules_state s = { 0 };
	struct text t = { 0 };
	char table[32];
	network_table(&h, table);
	explain_step("network.table", 7,
		"our rules live in one table of their own; networks and ports are its elements");
	if (fresh)
		text_line(&t, "add table inet %s\ndelete table inet %s", table, table);
	rules_table(&t, table);
	int rc = rules_add_networks(&h, n, &t, &s, err);
	if (rc >= 0)
		rc = rules_add_ports(e, table, &t, err);
	if (rc >= 0)
		rc = nft_run(&t, err);
	if (rc >= 0) {
		s.handle = nft_table_handle(table);
		rules_write(e, &s);
	}
	buf_release(&t.buf);
	strv_free(s.networks);
	return rc;
}

static int rules_add_one(struct engine *e, const struct network *n, struct rules_state *s, struct mc_err *err)
{
	struct text t = { 0 };
	explain_step("network.masquerade", 7, "packets that leave this network get the host's address");
	rules_network(&t, n);
	int rc = nft_run(&t, err);
	buf_release(&t.buf);
	if (rc < 0)
		return rc;
	strv_push(&s->networks, n->id);
	rules_write(e, s);
	return 0;
}

static int rules_ensure(struct engine *e, const struct network *n, struct mc_err *err)
{
	struct rules_state s = { 0 };
	rules_read(e, &s);
	int rc = 0;
	if (!s.handle || nft_table_handle(n->table) != s.handle)
		rc = rules_rewrite(e, n, s.handle == 0, err);
	else if (!strv_has(s.networks, n->id))
		rc = rules_add_one(e, n, &s, err);
	strv_free(s.networks);
	return rc;
}

/*
 * A subnet that was our choice, and that the host has got a route to since (a VPN, another engine's
 * bridge), is chosen anew (network_move()). Each round means that one more of them came up, so a few
 * rounds are enough.
 */
int net_up(struct engine *e, const char *name, struct network *ret, struct mc_err *err)
{
	enum { ROUNDS = 32 };
	struct net_home h = engine_networks(e);
	for (int round = 0;; round++) {
		struct mc_err why = { 0 };
		int rc = network_find(&h, name, ret, err);
		if (rc < 0 || !network_is_bridge(ret))
			return rc;
		explain_step("network.bridge", 7,
			"a bridge is the switch that the containers of a network are plugged into");
		rc = network_up(&h, ret, &why);
		if (rc >= 0)
			return 0;
		int moved = rc == -EEXIST && round < ROUNDS ? network_move(&h, ret, err) : 0;
		if (moved <= 0) {
			*err = moved < 0 ? *err : why;
			return moved < 0 ? moved : rc;
		}
		network_release(ret);
	}
}

int net_ensure(struct engine *e, const struct network *n, struct mc_err *err)
{
	_cleanup_close_ int lock = net_lock(e, err);
	return lock < 0 ? lock : rules_ensure(e, n, err);
}

/* --- the end --- */

void net_remove(struct engine *e, const struct network *n)
{
	struct net_home h = engine_networks(e);
	struct rules_state s = { 0 };
	struct text t = { 0 };
	struct mc_err ignored = { 0 };
	network_down(&h, n);
	_cleanup_free_ char *rule = xasprintf("%s %s", n->table, n->bridge);
	firewall_withdraw(rule);
	rules_read(e, &s);
	if (s.handle && nft_table_handle(n->table) == s.handle) {
		rules_network_remove(&t, n);
		nft_run(&t, &ignored);
	}
	char **left = NULL;
	for (size_t i = 0; s.networks && s.networks[i]; i++)
		if (!str_eq(s.networks[i], n->id))
			strv_push(&left, s.networks[i]);
	strv_free(s.networks);
	s.networks = left;
	if (s.handle)
		rules_write(e, &s);
	strv_free(left);
	buf_release(&t.buf);
}

struct sweep_links {
	struct engine *engine;
	char **keep;
};

static bool sweep_keeps(const char *name, void *data)
{
	return strv_has(((const struct sweep_links *)data)->keep, name);
}

/* The cables of n's leases: those of starts that have no record yet, too. */
static void sweep_keep_leases(const struct net_home *h, const struct network *n, char ***keep)
{
	_cleanup_lease_file_ struct lease_file f = { 0 };
	_cleanup_free_ char *dir = network_dir(h, n);
	lease_read(dir, &f);
	for (size_t i = 0; i < f.count; i++) {
		char name[IFNAMSIZ];
		if (f.lines[i].state == LEASE_HELD)
			continue;
		attach_link_name(h, f.lines[i].id, f.lines[i].ifname, name);
		strv_push(keep, name);
	}
}

/* Links of networks and containers that are in use. */
static int sweep_list(struct engine *e, struct sweep_links *s, struct mc_err *err)
{
	struct net_home h = engine_networks(e);
	_cleanup_network_list_ struct network_list networks = { 0 };
	_cleanup_container_list_ struct container_list all = { 0 };
	int rc = network_list(&h, &networks, err);
	if (rc >= 0)
		rc = container_list(e, &all, err);
	for (size_t i = 0; rc >= 0 && i < networks.count; i++)
		if (rules_in_use(&h, &networks.items[i])) {
			strv_push(&s->keep, networks.items[i].bridge);
			sweep_keep_leases(&h, &networks.items[i], &s->keep);
		}
	for (size_t i = 0; rc >= 0 && i < all.count; i++)
		if (all.items[i].init.pid)
			for (unsigned k = 0; k < 36; k++) {
				char ifname[IFNAMSIZ], name[IFNAMSIZ];
				snprintf(ifname, sizeof(ifname), "eth%u", k);
				attach_link_name(&h, all.items[i].id, ifname, name);
				strv_push(&s->keep, name);
			}
	return rc;
}

void net_check_firewalls(struct engine *e, const struct network *n)
{
	if (!network_is_bridge(n) || n->internal)
		return;
	firewall_check(n, e->config.cooperate);
	firewall_check_legacy(n);
}

static void repair_firewalls(struct engine *e)
{
	struct net_home h = engine_networks(e);
	_cleanup_network_list_ struct network_list all = { 0 };
	struct mc_err ignored = { 0 };
	if (network_list(&h, &all, &ignored) < 0)
		return;
	for (size_t i = 0; i < all.count; i++)
		if (rules_in_use(&h, &all.items[i]))
			net_check_firewalls(e, &all.items[i]);
}

int net_repair(struct engine *e, struct mc_err *err)
{
	struct net_home h = engine_networks(e);
	struct sweep_links s = { .engine = e };
	_cleanup_close_ int lock = net_lock(e, err);
	int rc = lock < 0 ? lock : sweep_list(e, &s, err);
	if (rc >= 0) {
		network_sweep(&h);
		network_sweep_links(&h, sweep_keeps, &s);
		rc = rules_rewrite(e, NULL, true, err);
	}
	if (rc >= 0)
		repair_firewalls(e);
	strv_free(s.keep);
	return rc < 0 ? rc : 0;
}

/*
 * Does an image build run (build/build_sweep.c holds a lock for each)? Its RUNs may be on a bridge,
 * without a record.
 */
static bool sweep_builds_live(struct engine *e)
{
	_cleanup_strv_ char **names = NULL;
	struct mc_err ignored = { 0 };
	int rc = path_exists(e->dir, "build") ? dir_list(e->dir, "build", &names, &ignored) : -ENOENT;
	for (size_t i = 0; rc >= 0 && names[i]; i++) {
		_cleanup_free_ char *path = xasprintf("build/%s", names[i]);
		_cleanup_close_ int lock =
			str_starts(names[i], "alive-") ? file_lock(e->dir, path, false, &ignored) : -1;
		if (lock < 0 && str_starts(names[i], "alive-"))
			return true;
	}
	return false;
}

/* Half-made containers do not count: their start makes what it needs. The root may be gone, too. */
static bool sweep_is_due(struct engine *e)
{
	_cleanup_strv_ char **ids = NULL;
	struct mc_err ignored = { 0 };
	int rc = dir_list(e->dir, "containers", &ids, &ignored);
	for (size_t i = 0; rc >= 0 && ids[i]; i++) {
		_cleanup_free_ char *record = container_path(e, ids[i], "container.json");
		if (access(record, F_OK) == 0 && !strchr(ids[i], '.'))
			return false;
	}
	return (rc == -ENOENT || rc >= 0) && !sweep_builds_live(e);
}

/* With net.lock held. What the next start needs, it makes again. */
static void sweep_all(struct engine *e)
{
	struct net_home h = engine_networks(e);
	struct mc_err ignored = { 0 };
	struct text t = { 0 };
	char table[32];
	_cleanup_strv_ char **files = NULL;
	network_table(&h, table);
	_cleanup_network_list_ struct network_list networks = { 0 };
	network_list(&h, &networks, &ignored);
	for (size_t i = 0; i < networks.count; i++)
		if (network_is_bridge(&networks.items[i]))
			network_down(&h, &networks.items[i]);
	network_sweep_links(&h, NULL, NULL);
	if (nft_table_handle(table)) {
		text_line(&t, "delete table inet %s", table);
		nft_run(&t, &ignored);
	}
	buf_release(&t.buf);
	firewall_withdraw(table);
	network_forward_restore(&h);
	/* "nft", what a killed command has left of it, and "net.lock" */
	int rc = dir_list(AT_FDCWD, e->run_dir, &files, &ignored);
	for (size_t i = 0; rc >= 0 && files[i]; i++) {
		_cleanup_free_ char *path = rules_path(e, files[i]);
		if (str_starts(files[i], "n"))
			unlink(path);
	}
	rmdir(e->run_dir);
}

static void sweep_now(struct engine *e)
{
	struct mc_err ignored = { 0 };
	_cleanup_close_ int lock = net_lock(e, &ignored);
	if (lock >= 0 && sweep_is_due(e))
		sweep_all(e);
}

void net_down(struct engine *e)
{
	struct mc_err ignored = { 0 };
	_cleanup_close_ int lock = net_lock(e, &ignored);
	if (lock >= 0)
		sweep_all(e);
}

void net_sweep(struct engine *e, bool later)
{
	_cleanup_free_ char *lock = rules_path(e, "net.lock");
	if (access(lock, F_OK) < 0 || !sweep_is_due(e))
		return; /* no network was used since the boot, or some are in use */
	if (!later) {
		sweep_now(e);
		return;
	}
	pid_t pid = fork();
	if (pid != 0) {
		waitpid(pid, NULL, 0);
		return;
	}
	/* a child of init, that holds nothing of the caller's: neither its terminal nor its pipes */
	if (setsid() < 0 || fork() != 0)
		_exit(0);
	int null = open("/dev/null", O_RDWR);
	for (int i = 0; i < 3; i++)
		dup2(null, i);
	/*
	 * The caller's locks were inherited, too: held through the pause they would stop its neighbours
	 * (flock(2)).
	 */
	dup2(e->dir, 3);
	close_range(4, ~0U, 0);
	e->dir = 3;
	e->store = -1;
	usleep(SWEEP_AFTER_MS * 1000);
	sweep_now(e);
	_exit(0);
}
