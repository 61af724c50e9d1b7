/*
 * engine.c - opening an engine: where its files are, and laying them out the first time.
 *
 * Kernel objects: directories only; flock(2) comes per container (container.c).
 * Order and why: the root is made absolute first, because its hash names every kernel object of this engine: the same
 * root spelled twice must give the same names, and two roots never the same. The root, and what lies in it, is ours
 * alone (base/private_dir.h): looked at, and its mode repaired, at every open.
 * Left out: the image store, opened at first need (`ps` and `stop` never touch it).
 */
#include "engine/engine.h"
#include "engine/rootless.h"

#include <fcntl.h>
#include <limits.h>
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

/* A name in /tmp is anybody's to take, and what lies in there we believe: locks, sockets, configurations. */
static int check_run_dir(const struct engine *e, struct mc_err *err)
{
	if (!str_starts(e->run_dir, "/tmp/"))
		return 0;
	_cleanup_free_ char *own = xstrndup(e->run_dir, (size_t)(strrchr(e->run_dir, '/') - e->run_dir));
	int fd = dir_open_own(own, err);
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
	/* The run directory is made with the first start and goes with the last container (cleanup.c). */
	return 0;
}

/* root/config.json, one file for the whole engine; missing is the usual case. */
static int read_config(struct engine *e, struct mc_err *err)
{
	_cleanup_json_ struct json *doc = NULL;
	const char *runtime = NULL, *size = NULL;
	e->config.log_max_size = 10 << 20;
	e->config.log_max_files = 3;
	if (!path_exists(e->dir, "config.json"))
		return 0;
	int rc = json_parse_file(e->dir, "config.json", 1 << 20, &doc, err);
	if (rc >= 0)
		rc = json_get_string(doc, &runtime, err, "runtime");
	if (rc >= 0)
		rc = json_get_string(doc, &size, err, "log.max-size");
	if (rc >= 0)
		rc = json_get_u32(doc, &e->config.log_max_files, err, "log.max-file");
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
	/* Where a user manager has its slices (systemd.slice(5)); runtime/tail/cgroup_systemd.c asks for it. */
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
