/*
 * tail/devices.c - linux.devices: nodes beyond the six that every container has; and sysctls.
 *
 * mknod(2) where we may, else (user namespaces may not) the host's node of the same path bound over an empty
 * file. Both happen while the host's files and its /proc are still in reach, and before /proc/sys becomes
 * read-only. The kernel chooses a namespaced sysctl by the process that opens the file, so the host's /proc
 * gives us the container's value here.
 */
#include "runtime/tail/config_keys.h"

#include <fcntl.h>
#include <linux/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/explain.h"
#include "base/sys.h"
#include "runtime/mounts.h"
#include "runtime/rootfs.h"

static int bind_device(const struct device *d, int root, struct mc_err *err)
{
	_cleanup_close_ int tree = sys_open_tree(AT_FDCWD, d->path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC, err);
	if (tree < 0)
		return err_hint(err, "in a user namespace a device must exist outside under the same path");
	_cleanup_close_ int target = rootfs_target(root, d->path, true, err);
	return target < 0 ? target : rootfs_attach_at(tree, target, err);
}

/* Directory and last name of the path, opened inside root. */
static int open_parent(const char *path, int root, const char **name, struct mc_err *err)
{
	_cleanup_free_ char *dir = xstrdup(path);
	char *slash = strrchr(dir, '/');
	*name = strrchr(path, '/') + 1;
	*slash = '\0';
	return rootfs_target(root, *dir ? dir : "/", false, err);
}

/* A bound node is the host's: do not change its mode and owner (in a user namespace we could not). */
static bool is_bound(int dir, const char *name)
{
	struct statx st;
	return statx(dir, name, AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, &st) == 0 &&
	       (st.stx_attributes & STATX_ATTR_MOUNT_ROOT);
}

static bool same_device(int dir, const char *name, const struct device *d, dev_t dev)
{
	struct stat st;
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return false;
	return (st.st_mode & S_IFMT) == d->type && (d->type == S_IFIFO || st.st_rdev == dev);
}

static int make_device(const struct config *c, const struct device *d, int root, struct mc_err *err)
{
	const char *name;
	dev_t dev = d->type == S_IFIFO ? 0 : makedev((unsigned)d->major, (unsigned)d->minor);
	_cleanup_close_ int dir = open_parent(d->path, root, &name, err);
	if (dir < 0)
		return dir;
	if (!same_device(dir, name, d, dev)) {
		if (faccessat(dir, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
			return err_set(err, EEXIST,
				"%s exists in the container and is another device or a file", d->path);
		if (config_has_new(c, NS_USER) && d->type != S_IFIFO)
			return bind_device(d, root, err);
		int rc = sys_mknod(dir, name, d->type | d->mode, dev, err);
		if (rc == -EPERM && d->type != S_IFIFO)
			return bind_device(d, root, err);
		if (rc < 0)
			return rc;
	}
	if (is_bound(dir, name))
		return 0;
	struct stat want = {
		.st_mode = d->type | d->mode, .st_rdev = dev, .st_uid = d->uid, .st_gid = d->gid
	};
	return dev_dress(dir, name, &want, err);
}

static int make_devices(const struct config *c, int root, struct mc_err *err)
{
	const struct config_tail *t = c->tail;
	mode_t old = umask(0);
	int rc = 0;
	for (size_t i = 0; i < t->n_devices && rc >= 0; i++)
		if ((rc = make_device(c, &t->devices[i], root, err)) < 0)
			err_wrap(err, "linux.devices: %s", t->devices[i].path);
	umask(old);
	return rc;
}

static int set_sysctl(const char *key, const char *value, struct mc_err *err)
{
	char path[300];
	snprintf(path, sizeof(path), "/proc/sys/");
	sysctl_dotted(key, path + 10, sizeof(path) - 10);
	for (char *p = path + 10; *p; p++)
		*p = *p == '.' ? '/' : *p == '/' ? '.' : *p;
	return sys_write_file(AT_FDCWD, path, value, err);
}

int tail_in_init_before_pivot(const struct config *c, int root, const char *state, struct mc_err *err)
{
	const struct config_tail *t = c->tail;
	struct json_iter it = { 0 };
	int rc = t->n_devices ? make_devices(c, root, err) : 0;
	while (rc >= 0 && t->sysctl && json_next(t->sysctl, &it))
		if ((rc = set_sysctl(it.key, json_text_of(it.value), err)) < 0)
			err_wrap(err, "linux.sysctl: %s", it.key);
	return rc < 0 ? rc : listener_ready(c, state, err);
}
