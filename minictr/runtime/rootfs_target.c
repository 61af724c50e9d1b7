/*
 * rootfs_target.c - finds, or makes, a mount target inside the root of an untrusted image.
 *
 * openat2(2) with RESOLVE_IN_ROOT treats the root's descriptor as "/": "..", absolute symlinks and links
 * planted by the image end inside it. Missing directories are made one by one beneath the last one found, so
 * that nothing is ever made through a link. move_mount(2) takes the descriptors themselves: no path can be
 * exchanged in between.
 *
 * For /proc, /sys and /dev that is not enough. masks.c resolves its paths again after all mounts. Take an
 * image whose /proc is a link to /dev/x/p, where /dev/x is a link too: the tmpfs on /dev then hides the
 * second link, masks.c finds no /proc, and the real proc stays unmasked in the directory where it was
 * mounted. So these three must be directories (CVE-2019-19921), and a mount that the image leads into a proc
 * file system is refused.
 */
#include "runtime/rootfs.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/file.h"
#include "base/sys.h"

#ifndef MOVE_MOUNT_F_EMPTY_PATH
#define MOVE_MOUNT_F_EMPTY_PATH 0x00000004
#define MOVE_MOUNT_T_EMPTY_PATH 0x00000040
#endif

/* Opens path inside root without an explain line; -errno. */
static int probe(int root, const char *path)
{
	struct mc_err ignored = { 0 };
	return file_open_beneath(root, path, O_PATH, 0, &ignored);
}

static int find_or_make(int root, const char *path, bool is_file, int links, struct mc_err *err);

/* A dangling link of the image (/var/run to a missing /run): creates its target, inside the root. */
static int make_link_target(int root, int dir, const char *path, bool is_file, int links, struct mc_err *err)
{
	char target[PATH_MAX];
	const char *name = strrchr(path, '/') + 1;
	ssize_t n = readlinkat(dir, name, target, sizeof(target) - 1);
	if (n < 0)
		/* EINVAL: no link; another process made the target meanwhile. */
		return errno == EINVAL ? 0 : err_sys(err, "readlink %s", path);
	if (links <= 0)
		return err_set(err, ELOOP, "%s: too many symbolic links", path);
	target[n] = '\0';
	_cleanup_free_ char *full =
		target[0] == '/' ? xstrdup(target) : xasprintf("%.*s%s", (int)(name - path), path, target);
	_cleanup_close_ int made = find_or_make(root, full, is_file, links - 1, err);
	return made < 0 ? made : 0;
}

/* Makes the last part of path, whose parent exists. Raced or already there is fine: it is opened next. */
static int make_last(int root, const char *path, bool is_file, int links, struct mc_err *err)
{
	int rc;
	const char *name = strrchr(path, '/') + 1;
	_cleanup_free_ char *parent = xstrndup(path, (size_t)(name - path));
	_cleanup_close_ int dir = file_open_beneath(root, parent, O_PATH | O_DIRECTORY, 0, err);
	if (dir < 0)
		return dir;
	rc = is_file ? openat(dir, name, O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644)
		     : mkdirat(dir, name, 0755);
	if (rc >= 0) {
		if (is_file)
			close(rc);
		return 0;
	}
	return errno == EEXIST ? make_link_target(root, dir, path, is_file, links, err)
			       : err_sys(err, "creating %s", path);
}

/* Part by part: resolves each inside the root before it makes the next one there. */
static int find_or_make(int root, const char *path, bool is_file, int links, struct mc_err *err)
{
	_cleanup_free_ char *so_far = xasprintf("/%s", path);
	size_t len = strlen(so_far);
	struct mc_err missing = { 0 };
	while (len > 1 && so_far[len - 1] == '/')
		so_far[--len] = '\0';
	/* Mostly its parent exists, and only the last part is missing. */
	if (len > 1 && make_last(root, so_far, is_file, links, &missing) >= 0)
		return file_open_beneath(root, path, O_PATH, 0, err);
	for (char *end = so_far + 1; end <= so_far + len; end++) {
		if ((*end != '/' && *end != '\0') || end[-1] == '/')
			continue;
		char keep = *end;
		*end = '\0';
		_cleanup_close_ int there = probe(root, so_far);
		int rc = there >= 0 ? 0 : make_last(root, so_far, is_file && !keep, links, err);
		if (rc < 0)
			return rc;
		*end = keep;
	}
	return file_open_beneath(root, path, O_PATH, 0, err);
}

int rootfs_target(int root, const char *path, bool is_file, struct mc_err *err)
{
	enum { LINKS = 8 }; /* the kernel follows 40; honest images have few dangling links in a row */
	if (root == AT_FDCWD)
		return sys_open(AT_FDCWD, path, O_PATH, 0, err);
	int fd = probe(root, path);
	if (fd >= 0)
		return fd;
	if (fd != -ENOENT)
		return file_open_beneath(root, path, O_PATH, 0, err); /* once more, for the message */
	return find_or_make(root, path, is_file, LINKS, err);
}

int rootfs_system_dir(int root, const char *path, struct mc_err *err)
{
	struct mc_err why = { 0 };
	int fd = file_open_plain(root, path, O_PATH | O_DIRECTORY, &why);
	if (fd == -ENOENT) {
		int made = rootfs_target(root, path, false, err);
		if (made < 0)
			return made;
		close_fd(made);
		fd = file_open_plain(root, path, O_PATH | O_DIRECTORY, &why);
	}
	if (fd >= 0)
		return fd;
	err_set(err, EPERM, "%s of the image is no ordinary directory", path);
	return err_hint(
		err, "a link there would move a mount, or leave a path unmasked: do not trust this image");
}

static bool is_system(const struct config_mount *m)
{
	static const char *const dirs[] = { "/proc", "/sys", "/dev" };
	size_t len = strlen(m->destination);
	while (len > 1 && m->destination[len - 1] == '/')
		len--;
	for (size_t i = 0; i < ARRAY_LEN(dirs); i++)
		if (len == strlen(dirs[i]) && strncmp(m->destination, dirs[i], len) == 0)
			return true;
	return str_eq(m->type, "proc") || str_eq(m->type, "sysfs");
}

/* lxcfs's files and two namespaced sysctls: the only files inside /proc that engines cover on purpose. */
static bool may_cover(const char *path)
{
	static const char *const files[] = { "cpuinfo", "diskstats", "loadavg", "meminfo", "slabinfo", "stat",
		"swaps", "uptime", "sys/kernel/ns_last_pid", "sys/crypto/fips_enabled" };
	for (size_t i = 0; str_starts(path, "/proc/") && i < ARRAY_LEN(files); i++)
		if (str_eq(path + strlen("/proc/"), files[i]))
			return true;
	return false;
}

int rootfs_check_target(int target, const char *destination, struct mc_err *err)
{
	struct statfs fs;
	if (fstatfs(target, &fs) < 0)
		return err_sys(err, "fstatfs %s", destination);
	if (fs.f_type != PROC_SUPER_MAGIC || may_cover(destination))
		return 0;
	err_set(err, EPERM, "%s lies inside a proc file system: nothing is mounted there", destination);
	return err_hint(err, "choose another target, or do not trust the image that makes a link of it");
}

int rootfs_check_mount(int root, const struct config_mount *m, struct mc_err *err)
{
	if (root == AT_FDCWD || (m->flags & MS_REMOUNT))
		return 0;
	_cleanup_close_ int place =
		is_system(m) ? rootfs_system_dir(root, m->destination, err) : probe(root, m->destination);
	if (place < 0) /* missing: it is made, by us, in a moment */
		return is_system(m) ? place : 0;
	return rootfs_check_target(place, m->destination, err);
}

int rootfs_attach(int detached, struct mc_err *err)
{
	/* On top of "/": our own root directory stays below it, so paths still mean the host's files. */
	return sys_move_mount(detached, "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH, err);
}

int rootfs_attach_at(int detached, int target, struct mc_err *err)
{
	return sys_move_mount(
		detached, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH, err);
}
