/*
 * overlay.c - layers become one tree.
 *
 * overlayfs shows several read-only directories and one writable one as a single tree. A name is looked up
 * from the top; the first layer that has it wins. Nothing is copied at mount time: that is why a container
 * starts in milliseconds however large its image is. The first write to a lower file copies it up into
 * `upper`.
 *
 * Kernel interfaces: fsopen(2), fsconfig(2), fsmount(2), move_mount(2), mount(2); overlayfs.rst. Two limits
 * shape the code: fsconfig(2) takes strings of at most 255 bytes, and all options of mount(2) must fit into
 * one page. Linux 6.5 takes layers one by one ("lowerdir+"), so that neither matters; before, layers get
 * names of one to three digits in a directory of links, which is the current directory while the mount is
 * made. Left out: idmapped layers (overlay_idmap.c), data-only layers, `xino`, `metacopy`.
 */
#include "image/overlay.h"

#include <fcntl.h>
#include <linux/mount.h>
#include <unistd.h>

#include "base/explain.h"
#include "base/file.h"
#include "base/sys.h"
#include "image/overlay_links.h"

void layers_release(struct layers *l)
{
	strv_free(l->lower);
	free(l->upper);
	free(l->work);
	*l = (struct layers){ 0 };
}

/* Linux before 6.5 does not know lowerdir+, and no kernel takes long names or names with a colon or
 * backslash. */
static bool can_add_layers(const struct layers *l)
{
	for (char **d = l->lower; *d; d++)
		if (strlen(*d) > 255)
			return false;
	if (l->upper && (strlen(l->upper) > 255 || strlen(l->work) > 255 || strpbrk(l->upper, "\\,")))
		return false;
	return overlay_kernel_adds_layers();
}

/* One read-only directory is no overlay (the kernel wants two): a read-only copy of the mount does. */
static int single_layer(const char *dir, struct mc_err *err)
{
	_cleanup_close_ int tree = sys_open_tree(AT_FDCWD, dir, OPEN_TREE_CLONE, err);
	struct mount_attr readonly = { .attr_set = MOUNT_ATTR_RDONLY };
	int rc = tree < 0 ? tree : sys_mount_setattr(tree, "", AT_EMPTY_PATH, &readonly, err);
	return rc < 0 ? rc : take_fd(&tree);
}

static int configure(int fs, const struct layers *l, struct mc_err *err)
{
	int rc = sys_fsconfig_string(
		fs, "source", "overlay", err);        /* what findmnt(8) shows in the first column */
	for (char **d = l->lower; *d && rc == 0; d++) /* top first, as overlayfs wants them */
		rc = sys_fsconfig_string(fs, "lowerdir+", *d, err);
	if (rc == 0 && l->upper)
		rc = sys_fsconfig_string(fs, "upperdir", l->upper, err);
	if (rc == 0 && l->upper)
		rc = sys_fsconfig_string(fs, "workdir", l->work, err);
	if (rc == 0)
		rc = overlay_set_options(
			fs, l, err); /* volatile, and nothing that ties upper to the layers */
	return rc < 0 ? rc : sys_fsconfig_create(fs, err);
}

/*
 * Shows l->lower (top layer FIRST) as one tree; changes go to l->upper, or the tree is read-only without
 * one. With a target the tree is mounted there and 0 returned. With NULL the mount stays detached, seen by
 * no process: the descriptor is returned. No directory in l is changed by the mount. l->work is empty and on
 * the file system of l->upper.
 * Lab 04.1: many layers, one tree, nothing copied.
 */
int overlay_mount(const struct layers *l, const char *target, struct mc_err *err)
{
	explain_step("overlay.mount", 4,
		"the image's layers and the container's own become one tree; nothing is copied");
	_cleanup_close_ int mnt = -1;
	if (!l->upper && l->lower[0] && !l->lower[1]) {
		mnt = single_layer(l->lower[0], err);
	} else if (!can_add_layers(l)) {
		mnt = overlay_mount_links(l, err);
	} else {
		_cleanup_close_ int fs = sys_fsopen("overlay", err);
		int rc = fs < 0 ? fs : configure(fs, l, err);
		if (rc < 0)
			return rc;
		mnt = sys_fsmount(fs, 0, err);
	}
	if (mnt < 0)
		return mnt;
	if (!target)
		return take_fd(&mnt);
	/* A detached mount has no place yet; this gives it one. */
	return sys_move_mount(mnt, "", AT_FDCWD, target, MOVE_MOUNT_F_EMPTY_PATH, err);
}
