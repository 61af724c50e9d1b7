/*
 * rootfs_target.c - finding, and making, a place inside a root that an image filled and therefore nobody trusts.
 *
 * openat2(2) with RESOLVE_IN_ROOT treats the root's descriptor as "/": "..", absolute symlinks and links planted by
 * the image end inside it. Missing directories are made one by one beneath the last one found, so that nothing is
 * ever made through a link. move_mount(2) takes the descriptors themselves: nobody can exchange a path in between.
 */
#include "runtime/rootfs.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/sys.h"

#ifndef MOVE_MOUNT_F_EMPTY_PATH
#define MOVE_MOUNT_F_EMPTY_PATH 0x00000004
#define MOVE_MOUNT_T_EMPTY_PATH 0x00000040
#endif

/* Opens path inside root without a word to the log; -errno. */
static int probe(int root, const char *path)
{
	struct mc_err ignored = { 0 };
	return file_open_beneath(root, path, O_PATH, 0, &ignored);
}

/* Makes the last part of path, whose parent exists. Raced or already there is fine: it is opened next. */
static int make_last(int root, const char *path, bool is_file, struct mc_err *err)
{
	_cleanup_free_ char *parent = xstrdup(path);
	char *slash = strrchr(parent, '/');
	const char *name = path + (slash - parent) + 1;
	*slash = '\0';
	_cleanup_close_ int dir =
		file_open_beneath(root, *parent ? parent : "/", O_PATH | O_DIRECTORY, 0, err);
	if (dir < 0)
		return dir;
	if (!is_file)
		return mkdirat(dir, name, 0755) < 0 && errno != EEXIST ? err_sys(err, "mkdir %s", path) : 0;
	int fd = openat(dir, name, O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (fd < 0 && errno != EEXIST)
		return err_sys(err, "creating %s", path);
	close_fd(fd);
	return 0;
}

int rootfs_target(int root, const char *path, bool is_file, struct mc_err *err)
{
	if (root == AT_FDCWD)
		return sys_open(AT_FDCWD, path, O_PATH, 0, err);
	int fd = probe(root, path);
	if (fd >= 0 || fd != -ENOENT)
		return fd >= 0 ? fd : file_open_beneath(root, path, O_PATH, 0, err);
	/* Part by part, so that each is resolved inside the root before the next is made in it. */
	_cleanup_free_ char *so_far = xasprintf("/%s", path);
	size_t len = strlen(so_far);
	while (len > 1 && so_far[len - 1] == '/')
		so_far[--len] = '\0';
	for (char *end = so_far + 1; end <= so_far + len; end++) {
		if ((*end != '/' && *end != '\0') || end[-1] == '/')
			continue;
		char keep = *end;
		*end = '\0';
		_cleanup_close_ int there = probe(root, so_far);
		int rc = there >= 0 ? 0 : make_last(root, so_far, is_file && !keep, err);
		if (rc < 0)
			return rc;
		*end = keep;
	}
	return file_open_beneath(root, path, O_PATH, 0, err);
}

int rootfs_attach(int detached, struct mc_err *err)
{
	/* On top of "/": our own root directory is what lies below, so paths still mean the host's files. */
	return sys_move_mount(detached, "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH, err);
}

int rootfs_attach_at(int detached, int target, struct mc_err *err)
{
	return sys_move_mount(
		detached, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH, err);
}
