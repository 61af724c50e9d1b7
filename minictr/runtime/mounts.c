/*
 * mounts.c - the "mounts" array: each entry becomes one mount inside the new root, in the order of the file.
 *
 * Two kinds. A file system of a type (proc, tmpfs, devpts ...) is made by mount(2). A bind is a copy of a
 * mount that exists: cloned detached (open_tree(2)), given its flags (mount_setattr(2)), attached to the
 * target's descriptor (move_mount(2)). A detached clone is in no tree, so a read-only bind is never writable,
 * not even for a moment.
 * Left out: cgroup version 1, idmapped mounts, tmpcopyup, recursive flags: tail_mount().
 */
#include "runtime/mounts.h"

#include <fcntl.h>
#include <linux/mount.h>

#include "base/buf.h"
#include "base/sys.h"
#include "runtime/bind.h"
#include "runtime/rootfs.h"
#include "runtime/tail.h"

#ifndef MS_NOSYMFOLLOW
#define MS_NOSYMFOLLOW 256
#endif
#define ATIMES (MS_NOATIME | MS_RELATIME | MS_STRICTATIME)

static int open_source(const struct config_mount *m, struct mc_err *err)
{
	unsigned flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | (m->flags & MS_REC ? AT_RECURSIVE : 0);
	return sys_open_tree(AT_FDCWD, m->source, flags, err);
}

/*
 * Linux lists the mounts of a namespace by age (since 6.8; before, by when they were attached), and df(1)
 * takes the first one for "/". A clone made here is older than a root that init makes. So init clones what it
 * sees just as we do, once it has its root. It cannot do so in a user namespace, for id-mapped mounts, below
 * /proc (another process has another /proc/self), or where mounts must travel: its own tree is private.
 */
static bool init_can_open(const struct config *c, const struct config_mount *m)
{
	return !c->namespaces.ns[NS_USER].wanted && !(m->propagation & (MS_SHARED | MS_SLAVE)) &&
	       !json_len(json_member(m->json, "uidMappings")) && !strv_has(m->options, "idmap") &&
	       !strv_has(m->options, "ridmap") && !str_starts(m->source, "/proc/");
}

static bool mounts_is_bind(const struct config_mount *m)
{
	return (m->flags & MS_BIND) && !(m->flags & MS_REMOUNT);
}

bool mounts_want_root_first(const struct config *c)
{
	for (size_t i = 0; i < c->n_mounts; i++)
		if (mounts_is_bind(&c->mounts[i]) && !init_can_open(c, &c->mounts[i]))
			return true;
	return false;
}

int mounts_open_sources(const struct config *c, bool has_root, int *ret, struct mc_err *err)
{
	for (size_t i = 0; i < c->n_mounts; i++) {
		const struct config_mount *m = &c->mounts[i];
		ret[i] = -1;
		if (!mounts_is_bind(m) || (!has_root && init_can_open(c, m)))
			continue;
		ret[i] = open_source(m, err);
		if (ret[i] == -EPERM) /* without root the child does it, in a mount namespace of its own */
			ret[i] = -1;
		else if (ret[i] < 0)
			return err_wrap(err, "bind mount of %s on %s", m->source, m->destination);
	}
	return 0;
}

/* mount(2)'s flags as mount_setattr(2)'s. */
static uint64_t attributes(unsigned long flags)
{
	return (flags & MS_RDONLY ? MOUNT_ATTR_RDONLY : 0) | (flags & MS_NOSUID ? MOUNT_ATTR_NOSUID : 0) |
	       (flags & MS_NODEV ? MOUNT_ATTR_NODEV : 0) | (flags & MS_NOEXEC ? MOUNT_ATTR_NOEXEC : 0) |
	       (flags & MS_NOATIME ? MOUNT_ATTR_NOATIME : 0) |
	       (flags & MS_STRICTATIME ? MOUNT_ATTR_STRICTATIME : 0) |
	       (flags & MS_NODIRATIME ? MOUNT_ATTR_NODIRATIME : 0) |
	       (flags & MS_NOSYMFOLLOW ? MOUNT_ATTR_NOSYMFOLLOW : 0);
}

/* All flags of a detached bind but read-only, which bind_mount() sets. */
static int set_bind_flags(const struct config_mount *m, int tree, struct mc_err *err)
{
	struct mount_attr attr = { .attr_set = attributes(m->flags & ~(unsigned long)MS_RDONLY),
		.attr_clr = attributes(m->clear & ~ATIMES) };
	if (m->flags & ATIMES) /* one field with three values: cleared before it is set */
		attr.attr_clr |= MOUNT_ATTR__ATIME;
	return attr.attr_set | attr.attr_clr ? sys_mount_setattr(tree, "", AT_EMPTY_PATH, &attr, err) : 0;
}

static int mount_bind(const struct config_mount *m, int root, int tree, struct mc_err *err)
{
	int rc = bind_propagation(tree, m->propagation, err);
	if (rc >= 0)
		rc = set_bind_flags(m, tree, err);
	return rc < 0 ? rc : bind_mount(root, m->destination, tree, m->flags & MS_RDONLY, err);
}

static char *without_gid(const char *data)
{
	struct buf left = { 0 };
	_cleanup_free_ char *copy = xstrdup(data);
	for (char *save = NULL, *word = strtok_r(copy, ",", &save); word; word = strtok_r(NULL, ",", &save))
		if (!str_starts(word, "gid="))
			buf_addf(&left, "%s%s", left.len ? "," : "", word);
	return buf_take(&left);
}

/*
 * For a file system that this user namespace may not mount (cgroup2, sysfs): binds the host's, with the
 * requested flags. They hold for all below it as well: the host's cgroup trees come along at /sys/fs/cgroup,
 * and whose root is the host's (or a user with a delegated cgroup) would leave its limits through them.
 */
static int mounts_hosts(const struct config_mount *m, const char *path, int root, struct mc_err *err)
{
	unsigned flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE;
	_cleanup_close_ int tree = sys_open_tree(AT_FDCWD, path, flags, err);
	if (tree < 0)
		return tree;
	struct mount_attr all = { .attr_set = attributes(
					  m->flags & (MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC)) };
	int rc = all.attr_set ? sys_mount_setattr(tree, "", AT_EMPTY_PATH | AT_RECURSIVE, &all, err) : 0;
	return rc < 0 ? rc : mount_bind(m, root, tree, err);
}

/* A file system of its own. "cgroup" means whatever this machine has; version 1 is the tail's. */
static int mount_type(const struct config_mount *m, int root, struct mc_err *err)
{
	struct mount_plan plan = {
		.root = root,
		.source = m->source ? m->source : m->type,
		.target = m->destination,
		.fstype = str_eq(m->type, "cgroup") ? "cgroup2" : m->type,
		.flags = m->flags,
		.data = *m->data ? m->data : NULL,
	};
	struct mc_err refused = { 0 };
	int rc = rootfs_mount(&plan, &refused);
	if (rc == -EINVAL && str_eq(m->type, "devpts") && strstr(m->data, "gid=")) {
		/* The tty group has no id in this user namespace: terminals then get their user's group. */
		_cleanup_free_ char *data = without_gid(m->data);
		plan.data = data;
		rc = rootfs_mount(&plan, err);
	} else if ((rc == -EPERM || rc == -EBUSY) && str_eq(m->type, "cgroup")) {
		/* EBUSY: the host's /sys is bound in, and its cgroup2 is at this very place already. */
		return mounts_hosts(m, "/sys/fs/cgroup", root, err);
	} else if (rc == -EPERM && str_eq(m->type, "sysfs")) {
		/*
		 * A user namespace may mount sysfs only when it owns the network namespace too
		 * (user_namespaces(7)).
		 */
		return mounts_hosts(m, "/sys", root, err);
	} else if (rc < 0) {
		*err = refused;
	}
	if (rc < 0 || !m->propagation)
		return rc;
	_cleanup_close_ int mounted = rootfs_target(root, m->destination, false, err);
	if (mounted < 0)
		return mounted;
	struct mount_attr share = { .propagation = m->propagation & ~(unsigned long)MS_REC };
	return sys_mount_setattr(mounted, "", AT_EMPTY_PATH, &share, err);
}

static int make_one(
	const struct config *c, const struct config_mount *m, int root, int *source, struct mc_err *err)
{
	int rc = rootfs_check_mount(root, m, err);
	if (rc < 0)
		return rc;
	if (*source < 0 && mounts_is_bind(m) && (*source = open_source(m, err)) < 0)
		return *source;
	if ((rc = tail_mount(c, m, root, *source, err)) != 0) /* 1: done there */
		return rc;
	return *source >= 0 ? mount_bind(m, root, *source, err) : mount_type(m, root, err);
}

int mounts_make(const struct config *c, int root, int *sources, struct mc_err *err)
{
	for (size_t i = 0; i < c->n_mounts; i++) {
		const struct config_mount *m = &c->mounts[i];
		int rc = make_one(c, m, root, &sources[i], err);
		if (rc < 0)
			return err_wrap(
				err, "mount %s on %s", m->source ? m->source : m->type, m->destination);
		sources[i] = close_fd(sources[i]);
	}
	return 0;
}
