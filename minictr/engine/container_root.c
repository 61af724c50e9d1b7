/*
 * container_root.c - the root file system of a container: its layers as one mount, and its files as they
 * are now.
 *
 * Kernel objects and man pages: overlayfs (kernel: overlayfs.rst), fsmount(2), /proc/PID/root
 * (proc_pid_root(5)).
 * Order and why: the mount is detached: no other process of the host sees it. Of a container that runs, the
 * files are looked at through its first process, because a second overlay over one upper directory would
 * not see its changes.
 */
#include "engine/container_root.h"

#include <fcntl.h>
#include "base/file.h"
#include "engine/spec/user_ids.h"
#include "engine/volumes.h"
#include "image/overlay.h"

char *container_upper(const struct engine *e, const char *id) { return container_path(e, id, "upper"); }

int container_mount(struct engine *e, const struct container *c, struct mc_err *err)
{
	struct layers l = { 0 };
	_cleanup_id_maps_ struct id_maps ids = { 0 };
	int rc = json_get_strv(c->doc, &l.lower, err, "Layers");
	l.upper = container_upper(e, c->id);
	l.work = container_path(e, c->id, "work");
	l.is_volatile = container_flag(c->host, "AutoRemove");
	l.userxattr = overlay_needs_userxattr();
	if (rc >= 0)
		rc = user_ids_load(c->host, &ids, err);
	if (rc >= 0)
		rc = overlay_forget_volatile(l.work, err);
	/* An unprivileged user's layers have the right owners already. */
	if (rc >= 0)
		rc = ids.uids.n && !e->rootless ? overlay_mount_idmapped(&l, &ids, err)
						: overlay_mount(&l, NULL, err);
	layers_release(&l);
	return rc;
}

int container_root(struct engine *e, const struct container *c, struct mc_err *err)
{
	char path[40];
	if (c->init.pid) {
		snprintf(path, sizeof(path), "/proc/%d/root", (int)c->init.pid);
		_cleanup_close_ int root = dir_open(AT_FDCWD, path, err);
		/*
		 * Looked at after opening: the number may be another process's by now, and its root the
		 * host's.
		 */
		if (root >= 0 && !process_id_alive(&c->init))
			return err_set(err, ESRCH, "container %s has just ended; try again", c->name);
		return take_fd(&root);
	}
	_cleanup_close_ int mount = container_mount(e, c, err);
	/* fsmount(2) gives a path only. */
	return mount < 0 ? mount : dir_open(mount, ".", err);
}

/* The mount point that holds path: the one with the longest name. *ret_len: bytes of that name. */
static const struct json *point_of(const struct container *c, const char *path, size_t *ret_len)
{
	const struct json *points = json_member(c->doc, "Mounts"), *best = NULL;
	*ret_len = 0;
	for (size_t i = 0; i < json_len(points); i++) {
		const struct json *p = json_item(points, i);
		const char *at = json_text_of(json_member(p, "Destination"));
		const char *source = json_text_of(json_member(p, "Source"));
		size_t n = at ? strlen(at) : 0;
		if (!n || !source || !*source || n <= *ret_len || strncmp(path, at, n) != 0)
			continue;
		if (path[n] != '\0' && path[n] != '/')
			continue;
		best = p;
		*ret_len = n;
	}
	return best;
}

int container_root_at(struct engine *e, const struct container *c, const char *path, const char **ret_rest,
	struct mc_err *err)
{
	size_t len;
	const struct json *p = c->init.pid ? NULL : point_of(c, path, &len);
	*ret_rest = path;
	if (!p)
		return container_root(e, c, err);
	*ret_rest = path[len] ? path + len : "/";
	if (!json_member(p, "Subpath"))
		return dir_open(AT_FDCWD, json_text_of(json_member(p, "Source")), err);
	_cleanup_close_ int beneath = volumes_open_subpath(e, p, err);
	return beneath < 0 ? beneath : dir_open(beneath, ".", err);
}
