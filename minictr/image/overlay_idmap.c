/*
 * overlay_idmap.c - layers shown with other owners, by the kernel and without a copy.
 *
 * Kernel interfaces: open_tree(2), mount_setattr(2) with MOUNT_ATTR_IDMAP (Linux 5.12), overlayfs on
 * id-mapped layers (5.19). Order and why: an overlay takes its layers by path, so the id-mapped mounts need
 * a place. A child process has a mount namespace of its own and puts the mapped clone of each layer on top
 * of that layer; there the overlay's usual options mean the clones. The overlay is detached and comes back
 * as a descriptor; when the child ends its mounts are gone, and the overlay keeps what it needs of them.
 * The host sees none of it.
 */
#include "image/overlay.h"

#include <fcntl.h>
#include <linux/mount.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/sys.h"
#include "runtime/userns.h"

#ifndef MOUNT_ATTR_IDMAP
#define MOUNT_ATTR_IDMAP 0x00100000
#endif

static int cover(const char *layer, int userns, struct mc_err *err)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_IDMAP, .userns_fd = (uint64_t)userns };
	_cleanup_close_ int tree = sys_open_tree(AT_FDCWD, layer, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC, err);
	if (tree < 0)
		return tree;
	int rc = sys_mount_setattr(tree, "", AT_EMPTY_PATH, &attr, err);
	if (rc == -EINVAL)
		return err_hint(err,
			"the file system of %s cannot be id-mapped: leave --userns out, or move --root "
			"to ext4, xfs, btrfs or tmpfs",
			layer);
	return rc < 0 ? rc : sys_move_mount(tree, "", AT_FDCWD, layer, MOVE_MOUNT_F_EMPTY_PATH, err);
}

/* In the child: returns the overlay's descriptor. */
static int mount_here(const struct layers *l, int userns, struct mc_err *err)
{
	int rc = sys_unshare(CLONE_NEWNS, err);
	if (rc >= 0) /* or the host would see the clones */
		rc = sys_mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL, err);
	for (char **d = l->lower; rc >= 0 && *d; d++)
		rc = cover(*d, userns, err);
	return rc < 0 ? rc : overlay_mount(l, NULL, err);
}

static void child_main(const struct layers *l, int userns, int to)
{
	struct mc_err said = { 0 }, ignored = { 0 };
	int fd = mount_here(l, userns, &said);
	if (fd >= 0)
		sys_send_fd(to, &said, sizeof(said), fd, &ignored);
	else
		(void)!write(to, &said, sizeof(said));
	_exit(0);
}

static int hear(int from, struct mc_err *err)
{
	struct mc_err said = { 0 };
	int fd = -1, n = sys_recv_fd(from, &said, sizeof(said), &fd, err);
	if (n < 0)
		return n;
	if (said.code) {
		*err = said;
		return -said.code;
	}
	return fd >= 0 ? fd : err_set(err, ECHILD, "the helper that mounts id-mapped layers ended early");
}

int overlay_mount_idmapped(const struct layers *l, const struct id_maps *ids, struct mc_err *err)
{
	int pair[2];
	_cleanup_close_ int userns = userns_open(&ids->uids, &ids->gids, err);
	int rc = userns < 0 ? userns : sys_socketpair(SOCK_SEQPACKET, pair, err);
	if (rc < 0)
		return rc;
	pid_t child = fork();
	if (child == 0)
		child_main(l, userns, pair[1]);
	close(pair[1]); /* or the child's death would not be an end of file */
	int fd = child < 0 ? err_sys(err, "fork") : hear(pair[0], err);
	close(pair[0]);
	if (child > 0)
		sys_wait(child, NULL, &(struct mc_err){ 0 });
	return fd;
}
