/*
 * tail/mount_extra.c - entries of "mounts" that the core leaves out: cgroup version 1, tmpcopyup, recursive
 * attributes; and idmapped mounts, which the parent makes.
 *
 * Kernel objects: mount_setattr(2) with AT_RECURSIVE and MOUNT_ATTR_IDMAP on detached trees, so no process
 * ever sees a mount without its attributes; cgroup v1 mounts (cgroups(7)).
 */
#include "runtime/tail/config_keys.h"

#include <fcntl.h>
#include <linux/mount.h>
#include <sys/mount.h>

#include "base/file.h"
#include "base/sys.h"
#include "runtime/cgroup.h"
#include "runtime/rootfs.h"
#include "runtime/userns.h"

#ifndef MOUNT_ATTR_IDMAP
#define MOUNT_ATTR_IDMAP 0x00100000
#endif
#ifndef MOUNT_ATTR_NOSYMFOLLOW
#define MOUNT_ATTR_NOSYMFOLLOW 0x00200000
#endif

/* --- recursive attributes: rro, rnosuid ... --- */

static const struct {
	const char *name;
	uint64_t set, clear;
} recursive[] = {
	{ "rro", MOUNT_ATTR_RDONLY, 0 },
	{ "rrw", 0, MOUNT_ATTR_RDONLY },
	{ "rnosuid", MOUNT_ATTR_NOSUID, 0 },
	{ "rsuid", 0, MOUNT_ATTR_NOSUID },
	{ "rnodev", MOUNT_ATTR_NODEV, 0 },
	{ "rdev", 0, MOUNT_ATTR_NODEV },
	{ "rnoexec", MOUNT_ATTR_NOEXEC, 0 },
	{ "rexec", 0, MOUNT_ATTR_NOEXEC },
	{ "rnodiratime", MOUNT_ATTR_NODIRATIME, 0 },
	{ "rdiratime", 0, MOUNT_ATTR_NODIRATIME },
	{ "rnosymfollow", MOUNT_ATTR_NOSYMFOLLOW, 0 },
	{ "rsymfollow", 0, MOUNT_ATTR_NOSYMFOLLOW },
	{ "rrelatime", MOUNT_ATTR_RELATIME, MOUNT_ATTR__ATIME },
	{ "rnorelatime", MOUNT_ATTR_STRICTATIME, MOUNT_ATTR__ATIME },
	{ "rnoatime", MOUNT_ATTR_NOATIME, MOUNT_ATTR__ATIME },
	{ "ratime", MOUNT_ATTR_RELATIME, MOUNT_ATTR__ATIME },
	{ "rstrictatime", MOUNT_ATTR_STRICTATIME, MOUNT_ATTR__ATIME },
	{ "rnostrictatime", MOUNT_ATTR_RELATIME, MOUNT_ATTR__ATIME },
};

static void recursive_attributes(const struct config_mount *m, struct mount_attr *attr)
{
	for (size_t o = 0; o < strv_len(m->options); o++)
		for (size_t i = 0; i < ARRAY_LEN(recursive); i++)
			if (str_eq(m->options[o], recursive[i].name)) {
				attr->attr_set = (attr->attr_set & ~recursive[i].clear) | recursive[i].set;
				attr->attr_clr = (attr->attr_clr & ~recursive[i].set) | recursive[i].clear;
			}
}

/* --- idmapped mounts --- */

/*
 * "0-1000-10#1-2000-5" of crun's option idmap=uids=...;gids=... is not read: uidMappings and gidMappings
 * are the spec's.
 */
static int parse_map(const struct config_mount *m, const char *key, struct id_map *ret, struct mc_err *err)
{
	const struct json *list = json_member(m->json, key);
	ret->range = xcalloc(json_len(list) + 1, sizeof(*ret->range));
	ret->n = json_len(list);
	for (size_t i = 0; i < ret->n; i++) {
		const struct json *r = json_item(list, i);
		if (json_get_u32(r, &ret->range[i].inside, err, "containerID") < 0 ||
			json_get_u32(r, &ret->range[i].outside, err, "hostID") < 0 ||
			json_get_u32(r, &ret->range[i].count, err, "size") < 0)
			return err_wrap(err, "mounts: %s: %s[%zu]", m->destination, key, i);
	}
	return 0;
}

static int idmap_source(const struct config *c, const struct config_mount *m, int tree, struct mc_err *err)
{
	bool wanted = strv_has(m->options, "idmap"), all = strv_has(m->options, "ridmap");
	struct id_map uids = { 0 }, gids = { 0 };
	bool own = json_len(json_member(m->json, "uidMappings")) > 0;
	if (!wanted && !all && !own)
		return 0;
	if (!own && !config_has_new(c, NS_USER))
		return err_set(err, EINVAL,
			"mounts: %s: idmap needs uidMappings and gidMappings, or a new user namespace",
			m->destination);
	if (tree < 0) /* left to the child, which may not either: never without the map */
		return err_set(
			err, EPERM, "mounts: %s: id-mapped mounts need root on the host", m->destination);
	int rc = own ? parse_map(m, "uidMappings", &uids, err) : 0;
	if (rc >= 0 && own)
		rc = parse_map(m, "gidMappings", &gids, err);
	_cleanup_close_ int ns =
		rc < 0 ? -1 : userns_open(own ? &uids : &c->uids, own ? &gids : &c->gids, err);
	id_map_release(&uids);
	id_map_release(&gids);
	if (ns < 0)
		return rc < 0 ? rc : -err->code;
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_IDMAP, .userns_fd = (uint64_t)ns };
	rc = sys_mount_setattr(tree, "", AT_EMPTY_PATH | (all ? AT_RECURSIVE : 0), &attr, err);
	if (rc == -EINVAL)
		err_hint(err, "the file system of %s cannot be id-mapped, or already is", m->source);
	return rc < 0 ? err_wrap(err, "mounts: %s", m->destination) : 0;
}

int tail_sources(const struct config *c, const int *sources, struct mc_err *err)
{
	for (size_t i = 0; i < c->n_mounts; i++) {
		int rc = idmap_source(c, &c->mounts[i], sources[i], err);
		if (rc < 0)
			return rc;
	}
	return 0;
}

/* --- cgroup version 1 --- */

/* Path of this process in the tree with these controllers, from /proc/self/cgroup ("4:memory:/a/b"). */
static void own_path(const char *controllers, char *out, size_t size)
{
	_cleanup_buf_ struct buf text = { 0 };
	struct mc_err ignored = { 0 };
	size_t len = strlen(controllers);
	snprintf(out, size, "/");
	if (file_read(AT_FDCWD, "/proc/self/cgroup", 1 << 20, &text, &ignored) < 0)
		return;
	for (char *rest = text.data, *line; rest && (line = strsep(&rest, "\n"));) {
		char *colon = strchr(line, ':');
		if (colon && strncmp(colon + 1, controllers, len) == 0 && colon[1 + len] == ':')
			snprintf(out, size, "%s", colon + len + 2);
	}
}

/* base: the tmpfs that was just mounted on m->destination, so nothing of the image is in it. */
static int mount_tree(const struct config *c, const struct config_mount *m, int base,
	const struct cgroup_tree *t, struct mc_err *err)
{
	char source[1100], path[600], options[96];
	const char *name = strrchr(t->mount, '/') + 1;
	if (mkdirat(base, name, 0755) < 0 && errno != EEXIST)
		return err_sys(err, "mkdir(\"%s/%s\")", m->destination, name);
	snprintf(options, sizeof(options), "%s%s", str_starts(t->controllers, "name=") ? "none," : "",
		t->controllers);
	struct mount_plan plan = { .root = base,
		.source = "cgroup",
		.target = name,
		.fstype = "cgroup",
		.flags = (m->flags & ~(unsigned long)(MS_BIND | MS_REC)) | MS_NOSUID | MS_NODEV | MS_NOEXEC,
		.data = options };
	if (config_has_new(c, NS_CGROUP))
		return rootfs_mount(&plan, err);
	/* In the host's cgroup namespace a fresh mount would show the whole tree: bind our own part of it. */
	own_path(t->controllers, path, sizeof(path));
	snprintf(source, sizeof(source), "%s%s", t->mount, path);
	_cleanup_close_ int tree = sys_open_tree(AT_FDCWD, source, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC, err);
	if (tree < 0)
		return tree;
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC |
					       (m->flags & MS_RDONLY ? MOUNT_ATTR_RDONLY : 0) };
	int rc = sys_mount_setattr(tree, "", AT_EMPTY_PATH, &attr, err);
	_cleanup_close_ int place = rc < 0 ? rc : rootfs_target(base, name, false, err);
	return place < 0 ? place : rootfs_attach_at(tree, place, err);
}

/* cpu and cpuacct in one tree are mounted as "cpu,cpuacct"; programs look for either name. */
static int link_names(int base, const struct cgroup_tree *t, struct mc_err *err)
{
	char names[sizeof(t->controllers)];
	const char *whole = strrchr(t->mount, '/') + 1;
	if (!strchr(t->controllers, ',') || str_starts(t->controllers, "name="))
		return 0;
	snprintf(names, sizeof(names), "%s", t->controllers);
	for (char *rest = names, *name; (name = strsep(&rest, ","));)
		if (!str_eq(name, whole)) {
			int rc = sys_symlink(whole, base, name, err);
			if (rc < 0 && rc != -EEXIST)
				return rc;
		}
	return 0;
}

static int mount_cgroup_v1(const struct config *c, const struct config_mount *m, int root, struct mc_err *err)
{
	struct cgroup cg;
	int rc = cgroup_trees(&cg, "/x", err);
	if (rc < 0)
		return rc;
	if (cg.v2)
		return 0; /* the core's */
	struct mount_plan base = { .root = root,
		.source = "tmpfs",
		.target = m->destination,
		.fstype = "tmpfs",
		.flags = MS_NOSUID | MS_NODEV | MS_NOEXEC,
		.data = "mode=755" };
	if ((rc = rootfs_mount(&base, err)) < 0)
		return rc;
	_cleanup_close_ int place = rootfs_target(root, m->destination, false, err);
	if (place < 0)
		return place;
	for (size_t i = 0; i < cg.n && rc >= 0; i++)
		if ((rc = mount_tree(c, m, place, &cg.tree[i], err)) >= 0)
			rc = link_names(place, &cg.tree[i], err);
	if (rc < 0 || !(m->flags & MS_RDONLY))
		return rc < 0 ? rc : 1;
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY };
	rc = sys_mount_setattr(place, "", AT_EMPTY_PATH, &attr, err);
	return rc < 0 ? rc : 1;
}

/* --- tmpcopyup: a tmpfs that starts with what the image had there --- */

static int mount_copy_up(const struct config_mount *m, int root, struct mc_err *err)
{
	struct mount_plan plan = { .root = root,
		.source = m->source ? m->source : "tmpfs",
		.target = m->destination,
		.fstype = m->type,
		.flags = m->flags & ~(unsigned long)MS_RDONLY,
		.data = *m->data ? m->data : NULL };
	_cleanup_close_ int before = rootfs_target(root, m->destination, false, err);
	if (before < 0)
		return before;
	int rc = rootfs_mount(&plan, err);
	_cleanup_close_ int after = rc < 0 ? rc : rootfs_target(root, m->destination, false, err);
	if (after < 0)
		return after;
	if ((rc = copy_up_tree(before, after, err)) < 0 || !(m->flags & MS_RDONLY))
		return rc < 0 ? rc : 1;
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY };
	rc = sys_mount_setattr(after, "", AT_EMPTY_PATH, &attr, err);
	return rc < 0 ? rc : 1;
}

/* "remount,bind": other flags for a mount that an earlier entry made; not for its file system. */
static int remount_bind(const struct config_mount *m, int root, struct mc_err *err)
{
	char name[40];
	_cleanup_close_ int place = rootfs_target(root, m->destination, false, err);
	if (place < 0)
		return place;
	snprintf(name, sizeof(name), "/proc/self/fd/%d", place);
	int rc = sys_mount(NULL, name, NULL, m->flags & ~(unsigned long)MS_REC, NULL, err);
	return rc < 0 ? rc : 1;
}

int tail_mount(const struct config *c, const struct config_mount *m, int root, int source, struct mc_err *err)
{
	struct mount_attr attr = { 0 };
	if ((m->flags & MS_BIND) && (m->flags & MS_REMOUNT))
		return remount_bind(m, root, err);
	if (str_eq(m->type, "cgroup") && source < 0)
		return mount_cgroup_v1(c, m, root, err);
	if (str_eq(m->type, "tmpfs") && source < 0 && strv_has(m->options, "tmpcopyup"))
		return mount_copy_up(m, root, err);
	recursive_attributes(m, &attr);
	if (source < 0 || !(attr.attr_set | attr.attr_clr))
		return 0;
	/* Before the core's own flags: "rro,rw" leaves the top writable and all below it not. */
	return sys_mount_setattr(source, "", AT_EMPTY_PATH | AT_RECURSIVE, &attr, err);
}
