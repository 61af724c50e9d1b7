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
#include <unistd.h>
#include "base/file.h"
#include "engine/spec/user_ids.h"
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
