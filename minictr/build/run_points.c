/*
 * run_points.c - what mounts stand on, without a trace in the new layer.
 *
 * A mount needs an entry to cover. Made in the container's tree it would be part of the layer: an empty
 * etc/resolv.conf, run/secrets/x. So the entries lie in a directory below all layers: the merged view
 * shows them, the upper directory stays as it is, and an image that has such an entry wins with its own
 * mode. Two cases remain: the image has a link there that leads nowhere, or has deleted the directory.
 * Then the entry is made, the time of its parent is kept, and both are put back after the step, unless the
 * program used them.
 */
#include "build/run_mounts.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

static const char *const system_dirs[] = { "/proc", "/sys", "/dev" };
static const char *const system_files[] = { "/etc/hosts", "/etc/hostname", "/etc/resolv.conf" };

static int put_point(int root, const char *path, bool file, struct mc_err *err)
{
	const char *rel = path + strspn(path, "/"), *slash = strrchr(rel, '/');
	_cleanup_free_ char *parent = xstrndup(rel, file ? (slash ? (size_t)(slash - rel) : 0) : strlen(rel));
	int rc = *parent ? dir_make(root, parent, 0755, err) : 0;
	if (rc < 0 || !file)
		return rc;
	_cleanup_close_ int fd = openat(root, rel, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
	return fd < 0 ? err_sys(err, "make mount point %s", path) : 0;
}

/* Can a directory or file be put below before the mount is opened? An absent secret must leave no trace. */
static bool known_before(const struct build *b, const struct run_mount *m, bool *ret_file)
{
	struct stat st;
	struct mc_err ignored;
	_cleanup_buf_ struct buf value = { 0 };
	*ret_file = m->type == RUN_SECRET;
	if (m->type == RUN_SECRET)
		return m->target && run_secret_find(b->all, m->id, &value, &ignored) > 0;
	if (m->type == RUN_SSH || (m->type == RUN_BIND && m->from))
		return false;
	if (m->type != RUN_BIND || !m->source)
		return true;
	_cleanup_close_ int fd = file_open_beneath(b->all->context.dir, m->source, O_PATH, 0, &ignored);
	if (fd < 0 || fstat(fd, &st) < 0)
		return false;
	*ret_file = !S_ISDIR(st.st_mode);
	return true;
}

int run_points_make(const struct build *b, int dir, const char *name, struct mc_err *err)
{
	struct run_mount *list = NULL;
	size_t n = 0;
	bool file;
	_cleanup_close_ int root = dir_make_open(dir, name, 0755, err);
	int rc = root < 0 ? root : 0;
	for (size_t i = 0; rc >= 0 && i < ARRAY_LEN(system_dirs); i++)
		rc = put_point(root, system_dirs[i], false, err);
	for (size_t i = 0; rc >= 0 && i < ARRAY_LEN(system_files); i++)
		rc = put_point(root, system_files[i], true, err);
	if (rc >= 0)
		rc = run_mount_list(&b->config, b->now, &list, &n, err);
	for (size_t i = 0; rc >= 0 && i < n; i++)
		if (known_before(b, &list[i], &file))
			rc = put_point(root, list[i].target, file, err);
	run_mount_list_free(list, n);
	return rc;
}

/* --- the rest --- */

static bool there(int root, const char *path)
{
	struct mc_err ignored;
	_cleanup_close_ int fd = file_open_beneath(root, path, O_PATH, 0, &ignored);
	return fd >= 0;
}

/* The first directory that gets a new entry keeps its times. */
static void keep_times(struct run_points *p, int root, const char *path)
{
	struct stat st;
	struct mc_err ignored;
	_cleanup_close_ int fd = file_open_beneath(root, path, O_PATH, 0, &ignored);
	if (p->parent || fd < 0 || fstat(fd, &st) < 0)
		return;
	p->parent = xstrdup(path);
	p->times[0] = st.st_atim;
	p->times[1] = st.st_mtim;
}

static int make_one(
	struct run_points *p, int root, const char *path, bool file, int depth, struct mc_err *err)
{
	char target[4097];
	struct mc_err ignored;
	const char *slash = strrchr(path, '/');
	_cleanup_free_ char *parent =
		slash == path || !slash ? xstrdup("/") : xstrndup(path, (size_t)(slash - path));
	int rc = there(root, parent) ? 0 : make_one(p, root, parent, false, depth, err);
	_cleanup_close_ int dir =
		rc < 0 ? rc : file_open_beneath(root, parent, O_PATH | O_DIRECTORY, 0, &ignored);
	if (dir < 0)
		return rc < 0 ? rc
			      : err_set(err, ENOTDIR, "mount point %s: %s is no directory in the image", path,
					parent);
	ssize_t n = readlinkat(dir, slash + 1, target, sizeof(target) - 1);
	if (n >= 0) {
		target[n] = '\0';
		if (depth > 20)
			return err_set(err, ELOOP, "mount point %s: too many symbolic links", path);
		_cleanup_free_ char *next =
			*target == '/' ? xstrdup(target) : xasprintf("%s/%s", parent, target);
		return there(root, next) ? 0 : make_one(p, root, next, file, depth + 1, err);
	}
	keep_times(p, root, parent);
	int fd = file ? openat(dir, slash + 1, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644) : -1;
	rc = file ? (fd < 0 ? -1 : 0) : mkdirat(dir, slash + 1, 0755);
	close_fd(fd);
	if (rc < 0 && errno != EEXIST)
		return err_sys(err, "make mount point %s", path);
	strv_push(&p->made, path);
	return 0;
}

static int make_missing(struct run_points *p, int root, const char *path, bool file, struct mc_err *err)
{
	return there(root, path) ? 0 : make_one(p, root, path, file, 0, err);
}

int run_points_begin(int root, const struct run_mounts *m, struct run_points *ret, struct mc_err *err)
{
	int rc = 0;
	*ret = (struct run_points){ 0 };
	for (size_t k = 0; rc >= 0 && k < ARRAY_LEN(system_dirs); k++)
		rc = make_missing(ret, root, system_dirs[k], false, err);
	for (size_t k = 0; rc >= 0 && k < ARRAY_LEN(system_files); k++)
		rc = make_missing(ret, root, system_files[k], true, err);
	for (size_t k = 0; rc >= 0 && k < m->n; k++)
		if (m->list[k].target && !m->list[k].absent)
			rc = make_missing(ret, root, m->list[k].target, m->list[k].is_file, err);
	return rc;
}

void run_points_end(struct run_points *p, int root)
{
	struct mc_err ignored;
	struct stat st;
	for (size_t n = strv_len(p->made); n-- > 0;) {
		const char *slash = strrchr(p->made[n], '/');
		_cleanup_free_ char *parent = slash == p->made[n]
						      ? xstrdup("/")
						      : xstrndup(p->made[n], (size_t)(slash - p->made[n]));
		_cleanup_close_ int dir = file_open_beneath(root, parent, O_PATH | O_DIRECTORY, 0, &ignored);
		if (dir < 0 || fstatat(dir, slash + 1, &st, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		if (S_ISDIR(st.st_mode)) /* one that holds something stays */
			unlinkat(dir, slash + 1, AT_REMOVEDIR);
		else if (S_ISREG(st.st_mode) && st.st_size == 0)
			unlinkat(dir, slash + 1, 0);
	}
	_cleanup_close_ int fd =
		p->parent ? file_open_beneath(root, p->parent, O_RDONLY | O_DIRECTORY, 0, &ignored) : -1;
	if (fd >= 0)
		futimens(fd, p->times);
	strv_free(p->made);
	free(p->parent);
	*p = (struct run_points){ 0 };
}
