/*
 * container_diff.c - what a container has changed (`diff`).
 *
 * Kernel objects and man pages: overlayfs: a character device 0:0 in the upper directory is a whiteout, the
 * xattr overlay.opaque hides what lies below (kernel: overlayfs.rst).
 * Order and why: the upper directory alone tells what changed; whether a name is new or changed is asked of
 * the layers (image/lower.c). No link is followed here: names come from the container.
 */
#include "engine/container_diff.h"
#include "engine/container_root.h"

#include <fcntl.h>
#include <sys/stat.h>
#include "base/file.h"
#include "image/lower.h"

struct diff {
	struct lower_view image; /* what the container started from */
	void (*out)(char, const char *, void *);
	void *data;
};

/* Files that the engine puts there as mount points are not the program's doing. */
static bool is_ours(const char *path, const struct stat *st)
{
	static const char *const files[] = { "/etc/hosts", "/etc/hostname", "/etc/resolv.conf" };
	static const char *const dirs[] = { "/proc", "/dev", "/sys" };
	for (size_t i = 0; i < ARRAY_LEN(files); i++)
		if (str_eq(path, files[i]) && S_ISREG(st->st_mode) && st->st_size == 0)
			return true;
	for (size_t i = 0; i < ARRAY_LEN(dirs); i++)
		if (str_eq(path, dirs[i]) || (str_starts(path, dirs[i]) && path[strlen(dirs[i])] == '/'))
			return true;
	return false;
}

/* /etc alone, changed only by our mount points inside it, is not told. */
static bool only_ours(int dir, const char *name, const char *path)
{
	struct mc_err ignored = { 0 };
	_cleanup_strv_ char **names = NULL;
	if (!str_eq(path, "/etc") || dir_list(dir, name, &names, &ignored) < 0)
		return false;
	for (size_t i = 0; names[i]; i++) {
		struct stat st;
		_cleanup_free_ char *child = xasprintf("%s/%s", path, names[i]),
				    *at = xasprintf("%s/%s", name, names[i]);
		if (fstatat(dir, at, &st, AT_SYMLINK_NOFOLLOW) < 0 || !is_ours(child, &st))
			return false;
	}
	return true;
}

static int diff_walk(const struct diff *d, int dir, const char *path, struct mc_err *err)
{
	_cleanup_strv_ char **names = NULL;
	int rc = dir_list(dir, ".", &names, err);
	for (size_t i = 0; rc >= 0 && names[i]; i++) {
		struct stat st, below;
		_cleanup_free_ char *child = xasprintf("%s/%s", path, names[i]);
		if (fstatat(dir, names[i], &st, AT_SYMLINK_NOFOLLOW) < 0 || is_ours(child, &st) ||
			(S_ISDIR(st.st_mode) && only_ours(dir, names[i], child)))
			continue;
		bool was = lower_find(&d->image, child, &below);
		if (S_ISCHR(st.st_mode) && st.st_rdev == 0) {
			if (was)
				d->out('D', child, d->data);
			continue;
		}
		d->out(was ? 'C' : 'A', child, d->data);
		if (S_ISDIR(st.st_mode)) {
			_cleanup_close_ int sub =
				openat(dir, names[i], O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
			if (sub >= 0)
				rc = diff_walk(d, sub, child, err);
		}
	}
	return rc < 0 ? rc : 0;
}

int container_diff(struct engine *e, const char *name, void (*out)(char kind, const char *path, void *),
	void *data, struct mc_err *err)
{
	_cleanup_container_ struct container c = { 0 };
	int rc = container_find(e, name, &c, err);
	if (rc < 0)
		return rc;
	struct diff d = { .out = out, .data = data };
	_cleanup_strv_ char **layers = NULL;
	_cleanup_free_ char *upper = container_upper(e, c.id);
	_cleanup_close_ int dir = dir_open(AT_FDCWD, upper, err);
	rc = dir < 0 ? dir : json_get_strv(c.doc, &layers, err, "Layers");
	if (rc >= 0)
		rc = lower_open(layers, &d.image, err);
	if (rc >= 0)
		rc = diff_walk(&d, dir, "", err);
	lower_close(&d.image);
	return rc;
}
