/*
 * bind.c - makes a directory or file of the host (a volume is one) appear inside the container.
 *
 * Kernel objects and man pages: open_tree(2) OPEN_TREE_CLONE, mount_setattr(2), move_mount(2), openat2(2)
 * RESOLVE_IN_ROOT, mount_namespaces(7) "Shared subtrees".
 * Order and why: the clone is detached: it hangs in no mount tree, so no process can reach it yet. Its
 * flags are set there, and only then is it attached. mount(2) would need two calls, MS_BIND and then
 * MS_REMOUNT, and between them a read-only volume could be written.
 */
#include "runtime/bind.h"

#include <fcntl.h>
#include <linux/mount.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "base/sys.h"
#include "base/util.h"
#include "runtime/rootfs.h"

/*
 * Attaches the detached mount `source` at the path `target` below the directory `root`. The path is
 * resolved as if `root` were "/": no symbolic link that the image holds, absolute or with "..", leads out
 * of it. What is missing of the path is made, a directory for a directory and an empty file for a file.
 * With `readonly` nothing can be written through this mount from the moment it can be seen, and nothing else
 * about it changes; the file system itself stays writable by other mounts of it. Both descriptors are
 * borrowed. Returns 0 or -errno with *err filled; then nothing is attached.
 * Lab 08.2: the image chooses the links, so the image must not choose where a volume goes.
 */
int bind_mount(int root, const char *target, int source, bool readonly, struct mc_err *err)
{
	struct stat st;
	struct mount_attr ro = { .attr_set = MOUNT_ATTR_RDONLY };
	if (fstat(source, &st) < 0)
		return err_sys(err, "fstat the source of %s", target);
	int rc = readonly ? sys_mount_setattr(source, "", AT_EMPTY_PATH, &ro, err) : 0;
	if (rc < 0)
		return rc;
	_cleanup_close_ int place = rootfs_target(root, target, !S_ISDIR(st.st_mode), err);
	if (place < 0)
		return place;
	/* Check again: another container may have exchanged a volume's directory meanwhile. */
	rc = rootfs_check_target(place, target, err);
	return rc < 0 ? rc : rootfs_attach_at(source, place, err);
}

/*
 * Sets how mounts travel between the detached mount `tree` and the mount it was cloned from. mode is one of
 * MS_PRIVATE (nothing travels), MS_SLAVE (what the host mounts below it later appears, nothing goes back),
 * MS_SHARED (both ways), with MS_REC for all mounts in the tree. 0 means docker's default, MS_PRIVATE |
 * MS_REC. `tree` is borrowed. Returns 0 or -errno with *err filled.
 * Lab 08.4: "shared" works in both directions, so a container that may mount changes the host.
 */
int bind_propagation(int tree, unsigned long mode, struct mc_err *err)
{
	unsigned long wanted = mode ? mode : MS_PRIVATE | MS_REC;
	struct mount_attr share = { .propagation = wanted & ~(unsigned long)MS_REC };
	return sys_mount_setattr(tree, "", AT_EMPTY_PATH | (wanted & MS_REC ? AT_RECURSIVE : 0), &share, err);
}
