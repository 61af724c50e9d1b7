/*
 * dev.c - makes the /dev of every container: six nodes, six links, no disks of the host.
 *
 * Nodes are made by mknod(2); in a user namespace that is forbidden (user_namespaces(7)), there the host's
 * own nodes are bound over empty files. All names are taken relative to the descriptor of the container's
 * /dev, which was resolved inside the new root: what the image planted as /dev/null is removed, not followed.
 * https://github.com/opencontainers/runtime-spec/blob/main/config-linux.md#default-devices
 */
#include "runtime/mounts.h"

#include <fcntl.h>
#include <linux/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/file.h"
#include "base/sys.h"
#include "runtime/rootfs.h"

static const struct {
	const char *name;
	unsigned major, minor;
} nodes[] = {
	{ "null", 1, 3 },
	{ "zero", 1, 5 },
	{ "full", 1, 7 },
	{ "random", 1, 8 },
	{ "urandom", 1, 9 },
	{ "tty", 5, 0 },
};

static const struct {
	const char *name;
	const char *target;
} links[] = {
	{ "fd", "/proc/self/fd" },
	{ "stdin", "/proc/self/fd/0" },
	{ "stdout", "/proc/self/fd/1" },
	{ "stderr", "/proc/self/fd/2" },
	{ "core", "/proc/kcore" },
	/* The container's own terminals, never the host's. */
	{ "ptmx", "pts/ptmx" },
};

/* Is name in dir already this device? Anything else of that name is removed. */
static bool is_node(int dir, const char *name, dev_t dev)
{
	struct stat st;
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return false;
	if (S_ISCHR(st.st_mode) && st.st_rdev == dev)
		return true;
	unlinkat(dir, name, 0);
	return false;
}

static int bind_node(int dir, const char *name, struct mc_err *err)
{
	char host[64];
	snprintf(host, sizeof(host), "/dev/%s", name);
	_cleanup_close_ int tree = sys_open_tree(AT_FDCWD, host, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC, err);
	if (tree < 0)
		return tree;
	_cleanup_close_ int file =
		sys_open(dir, name, O_CREAT | O_NOFOLLOW | O_RDONLY | O_NONBLOCK, 0666, err);
	return file < 0 ? file : rootfs_attach_at(tree, file, err);
}

/*
 * mknod(2) applies the umask (the callers' is 0), so no chmod(2) is needed. A chmod(2) by name would be an
 * attack path: when the image's /dev leads into a shared volume, another container can exchange the node for
 * a link, and chmod(2) follows it to the host's file.
 */
static int dev_make_node(int dir, const char *name, mode_t mode, dev_t dev, bool bind, struct mc_err *err)
{
	struct mc_err there = { 0 };
	/* Mostly nothing is there yet, and one call is enough; otherwise check what the image has there. */
	int rc = bind ? -EEXIST : sys_mknod(dir, name, mode, dev, &there);
	if (rc == -EEXIST && is_node(dir, name, dev))
		return 0;
	if (bind)
		return bind_node(dir, name, err);
	if (rc == -EEXIST)
		rc = sys_mknod(dir, name, mode, dev, err);
	else if (rc < 0)
		*err = there;
	if (rc == -EPERM) /* no CAP_MKNOD, or a user namespace that we were put into */
		return bind_node(dir, name, err);
	return rc;
}

int dev_dress(int dir, const char *name, const struct stat *want, struct mc_err *err)
{
	char path[40];
	struct stat st;
	_cleanup_close_ int fd = sys_open(dir, name, O_PATH | O_NOFOLLOW, 0, err);
	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0 || (st.st_mode & S_IFMT) != (want->st_mode & S_IFMT) ||
		st.st_rdev != want->st_rdev)
		return err_set(err, EPERM, "%s was exchanged for another file while it was made", name);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd); /* the host's: we have not pivoted yet */
	int rc = sys_chmod(AT_FDCWD, path, want->st_mode & 07777, err);
	return rc < 0 ? rc : sys_chown(fd, "", want->st_uid, want->st_gid, AT_EMPTY_PATH, err);
}

static int make_links(int dir, struct mc_err *err)
{
	for (size_t i = 0; i < ARRAY_LEN(links); i++) {
		int rc = symlinkat(links[i].target, dir, links[i].name);
		if (rc == 0)
			continue;
		unlinkat(dir, links[i].name, 0); /* an image's own "ptmx" would be the host's */
		rc = sys_symlink(links[i].target, dir, links[i].name, err);
		if (rc < 0 && rc != -EEXIST)
			return err_wrap(err, "/dev/%s", links[i].name);
	}
	return 0;
}

/* The host's whole /dev was bound in (a privileged container): it is complete, and not ours to change. */
static bool is_host_dev(const struct config *c)
{
	for (size_t i = 0; i < c->n_mounts; i++)
		if (str_eq(c->mounts[i].destination, "/dev") && (c->mounts[i].flags & MS_BIND))
			return true;
	return false;
}

/* The container's /dev itself: through a link of the image the nodes could end up in a volume. */
static int open_dev(int root, struct mc_err *err) { return rootfs_system_dir(root, "/dev", err); }

int dev_nodes(const struct config *c, int root, struct mc_err *err)
{
	if (is_host_dev(c))
		return 0;
	_cleanup_close_ int place = open_dev(root, err);
	bool bind = config_has_new(c, NS_USER);
	mode_t old = umask(0);
	int rc = place;
	for (size_t i = 0; i < ARRAY_LEN(nodes) && rc >= 0; i++) {
		dev_t dev = makedev(nodes[i].major, nodes[i].minor);
		rc = dev_make_node(place, nodes[i].name, S_IFCHR | 0666, dev, bind, err);
	}
	umask(old);
	return rc < 0 ? err_wrap(err, "devices of the container") : 0;
}

int dev_links(const struct config *c, int root, struct mc_err *err)
{
	if (is_host_dev(c))
		return 0;
	_cleanup_close_ int place = open_dev(root, err);
	return place < 0 ? place : make_links(place, err);
}
