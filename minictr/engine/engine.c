/*
 * engine.c - opening an engine: where its files are, and laying them out the first time.
 *
 * Kernel objects: directories only; flock(2) comes per container (container.c).
 * Order and why: the root is made absolute first, because its hash names every kernel object of this
 * engine: the same root spelled twice must give the same names, and two roots never the same. The root, and
 * what lies in it, is ours alone (base/private_dir.h): looked at, and its mode repaired, at every open.
 * Left out: the image store, opened at first need (`ps` and `stop` never touch it).
 */
#include "engine/engine.h"
#include "engine/rootless.h"

#include <unistd.h>
#include "base/file.h"
#include "base/json.h"
#include "base/private_dir.h"
#include "image/store.h"

char *engine_default_root(const char *root_flag)
{
	const char *env = getenv("MINICTR_ROOT");
	const char *data = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
	if (root_flag && *root_flag)
		return xstrdup(root_flag);
	if (env && *env)
		return xstrdup(env);
	if (geteuid() == 0 && !rootless_active())
		return xstrdup("/var/lib/minictr");
	if (data && *data)
		return xasprintf("%s/minictr", data);
	return xasprintf("%s/.local/share/minictr", home && *home ? home : "/tmp");
}

static char *run_dir_of(const char *key)
{
	const char *run = getenv("XDG_RUNTIME_DIR");
	if (geteuid() == 0 && !rootless_active())
		return xasprintf("/run/minictr/%s", key);
	if (run && *run)
		return xasprintf("%s/minictr/%s", run, key);
	return xasprintf("/tmp/minictr-%u/%s", (unsigned)rootless_uid(), key);
}

/* Any user can take a name in /tmp, and we trust what lies there: locks, sockets, configurations. */
static int check_run_dir(const struct engine *e, struct mc_err *err)
{
	if (!str_starts(e->run_dir, "/tmp/"))
		return 0;
	_cleanup_free_ char *own = xstrndup(e->run_dir, (size_t)(strrchr(e->run_dir, '/') - e->run_dir));
	int fd = dir_open_own(own, true, err);
	close_fd(fd);
	return fd < 0 ? err_hint(
				err, "set XDG_RUNTIME_DIR to a directory of your own, or have root remove it")
		      : 0;
}

static int lay_out(struct engine *e, struct mc_err *err)
{
	static const char *const folders[] = { "containers", "names" };
	for (size_t i = 0; i < ARRAY_LEN(folders); i++) {
		int fd = dir_open_private(e->dir, folders[i], err);
		if (fd < 0)
			return fd;
		close(fd);
	}
	/* Made by their own floors when they are needed; with the same trust as soon as they are there. */
	static const char *const later[] = { "build", "networks", "volumes" };
	for (size_t i = 0; i < ARRAY_LEN(later); i++) {
		int fd = path_exists(e->dir, later[i]) ? dir_open_private(e->dir, later[i], err) : 0;
		if (fd < 0)
			return fd;
		if (fd > 0)
			close(fd);
	}
	/* The run directory is made with the first start and goes with the last container (cleanup.c). */
	return 0;
}

static void default_pools(struct engine_config *c)
{
	/* Not the ranges that docker (172.17, 192.168) and podman (10.88, 10.89) take. */
	static const char *const bases[] = { "10.213.0.0/16", "10.214.0.0/15" };
	c->n_pools = ARRAY_LEN(bases);
	c->pools = xcalloc(c->n_pools, sizeof(*c->pools));
	for (size_t i = 0; i < c->n_pools; i++) {
		subnet_parse(bases[i], AF_INET, &c->pools[i].base);
		c->pools[i].size = 24;
	}
}

/*
 * "default-address-pools": [{"base": "10.10.0.0/16", "size": 24}], in docker's words; "firewall":
 * "cooperate".
 */
static int read_network_config(const struct json *doc, struct engine_config *c, struct mc_err *err)
{
	const char *firewall = NULL;
	size_t n = 0;
	int rc = json_get_string(doc, &firewall, err, "firewall");
	if (rc >= 0)
		rc = json_get_array(doc, &n, err, "default-address-pools");
	if (rc < 0)
		return rc;
	if (firewall && !str_eq(firewall, "cooperate") && !str_eq(firewall, "warn"))
		return err_set(
			err, EINVAL, "config.json: firewall: \"%s\" is neither warn nor cooperate", firewall);
	c->cooperate = str_eq(firewall, "cooperate");
	struct pool *pools = xcalloc(n + 1, sizeof(*pools));
	for (size_t i = 0; rc >= 0 && i < n; i++) {
		const char *base = NULL;
		uint32_t size = 24;
		rc = json_get_string(doc, &base, err, "default-address-pools[%zu].base", i);
		if (rc >= 0)
			rc = json_get_u32(doc, &size, err, "default-address-pools[%zu].size", i);
		pools[i].size = size;
		if (rc >= 0 && (!base || subnet_parse(base, AF_INET, &pools[i].base) < 0 ||
				       size < pools[i].base.prefix || size > 30))
			rc = err_set(err, EINVAL,
				"config.json: default-address-pools[%zu]: base \"%s\" and size %u do not "
				"fit: base is an IPv4 network like 10.10.0.0/16, size is a prefix length "
				"from its own to 30",
				i, base ? base : "", size);
	}
	if (rc < 0 || !n) {
		free(pools);
		return rc < 0 ? rc : 0;
	}
	free(c->pools);
	c->pools = pools;
	c->n_pools = n;
	return 0;
}

/* root/config.json, one file for the whole engine; missing is the usual case. */
static int read_config(struct engine *e, struct mc_err *err)
{
	_cleanup_json_ struct json *doc = NULL;
	const char *runtime = NULL, *size = NULL;
	e->config.log_max_size = 10 << 20;
	e->config.log_max_files = 3;
	default_pools(&e->config);
	if (!path_exists(e->dir, "config.json"))
		return 0;
	int rc = file_check_trusted(e->dir, "config.json", err);
	if (rc >= 0)
		rc = json_parse_record(e->dir, "config.json", 1 << 20, &doc, err);
	if (rc >= 0)
		rc = json_get_string(doc, &runtime, err, "runtime");
	if (rc >= 0)
		rc = json_get_string(doc, &size, err, "log.max-size");
	if (rc >= 0)
		rc = json_get_u32(doc, &e->config.log_max_files, err, "log.max-file");
	if (rc >= 0)
		rc = read_network_config(doc, &e->config, err);
	if (rc < 0)
		return rc;
	if (size && parse_bytes(size, &e->config.log_max_size) < 0)
		return err_set(err, EINVAL, "config.json: log.max-size: \"%s\" is no size like 10m", size);
	e->config.runtime = xstrdup(runtime);
	return 0;
}

int engine_open(struct engine *e, const char *root, struct mc_err *err)
{
	*e = (struct engine){ .dir = -1, .store = -1 };
	unsetenv(
		"NOTIFY_SOCKET"); /* a service manager's question to us; runtimes would pass it to the program */
	_cleanup_free_ char *wanted = root ? xstrdup(root) : engine_default_root(NULL);
	e->dir = dir_open_trusted(wanted, &e->root, err);
	if (e->dir < 0)
		return err_hint(err,
			"the engine keeps its files there: run as root, or choose another place with --root");
	snprintf(e->key, sizeof(e->key), "%016llx", (unsigned long long)fnv1a(e->root, strlen(e->root)));
	e->run_dir = run_dir_of(e->key);
	e->oci_root = xasprintf("%s/oci", e->run_dir);
	e->rootless = geteuid() != 0 || rootless_active();
	e->systemd = e->rootless && rootless_systemd();
	int rc = check_run_dir(e, err);
	if (rc >= 0)
		rc = lay_out(e, err);
	if (rc >= 0)
		rc = read_config(e, err);
	if (rc < 0)
		engine_close(e);
	return rc < 0 ? rc : 0;
}

void engine_close(struct engine *e)
{
	if (e->root) {
		close_fd(e->store);
		close_fd(e->dir);
	}
	free(e->root);
	free(e->run_dir);
	free(e->oci_root);
	free(e->config.runtime);
	free(e->config.pools);
	*e = (struct engine){ .dir = -1, .store = -1 };
}

int engine_store(struct engine *e, struct mc_err *err)
{
	if (e->store < 0)
		e->store = store_open_in(e->dir, err);
	return e->store;
}

char *engine_cgroup_path(const struct engine *e, const char *id)
{
	/*
	 * Where a user manager has its slices (systemd.slice(5)); runtime/tail/cgroup_systemd.c asks for
	 * it.
	 */
	if (e->systemd)
		return xasprintf(
			"/user.slice/user-%1$u.slice/user@%1$u.service/user.slice/minictr-%2$s.scope",
			(unsigned)rootless_uid(), id);
	return xasprintf("/minictr-%.8s/%s", e->key, id);
}

char *engine_run_path(const struct engine *e, const char *id)
{
	return xasprintf("%s/c/%.16s", e->run_dir, id);
}
