/*
 * layer_adopt.c - a finished upper directory is moved into the store as a layer; only its tar is written.
 *
 * Order: tidy the directory, write the tar through the hash into a blob, move the directory to its place.
 * The move is last: a crash before it leaves the upper directory where it was, and a blob that garbage
 * collection takes. Marks of overlayfs that stay on the directory (trusted.overlay.origin, impure) do no
 * harm below another layer and never enter the tar (tree.c). Kernel: overlayfs.rst; renameat(2).
 * Specification: image-spec, layer.md.
 */
#include "image/layer_adopt.h"

#include <fcntl.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/file.h"
#include "image/incoming.h"
#include "image/layer.h"
#include "image/lower.h"
#include "image/store.h"
#include "image/tree.h"

/* Whether the layers below show this path: only then a mark in the upper directory says something. */
static bool below_has(const struct lower_view *v, const char *path)
{
	struct stat ignored;
	return lower_find(v, path, &ignored);
}

/* Deletes an entry of the upper directory. The container did not do that: its directory keeps its time. */
static int drop_entry(const struct tree_item *item, struct mc_err *err)
{
	struct stat st;
	if (fstat(item->dir, &st) < 0 || unlinkat(item->dir, item->name, 0) < 0)
		return err_sys(err, "unlink %s", item->path);
	struct timespec times[2] = { st.st_atim, st.st_mtim };
	return futimens(item->dir, times) < 0 ? err_sys(err, "set the time of %s", item->path) : 0;
}

static void drop_opaque(const struct tree_item *item)
{
	_cleanup_close_ int fd =
		openat(item->dir, item->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0) {
		fremovexattr(fd, "trusted.overlay.opaque");
		fremovexattr(fd, "user.overlay.opaque");
	}
}

static int limit_time(const struct tree_item *item, int64_t newest, struct mc_err *err)
{
	struct timespec times[2] = { { .tv_nsec = UTIME_OMIT }, { .tv_sec = newest } };
	if (!newest || item->st.st_mtim.tv_sec < newest ||
		(item->st.st_mtim.tv_sec == newest && item->st.st_mtim.tv_nsec == 0))
		return 0;
	if (utimensat(item->dir, item->name, times, AT_SYMLINK_NOFOLLOW) < 0)
		return err_sys(err, "set the time of %s", item->path);
	return 0;
}

/* One entry. Returns 1 when it is part of the layer, 0 when it was dropped. */
static int tidy_entry(
	const struct tree_item *item, const struct lower_view *lower, int64_t newest, struct mc_err *err)
{
	bool is_root = str_eq(item->path, ".");
	if (str_starts(item->name, ".wh."))
		return err_set(err, EINVAL,
			"/%s cannot be stored in an image: a layer's name that begins with .wh. means "
			"\"delete\"",
			item->path);
	bool is_mark = S_ISCHR(item->st.st_mode) && item->st.st_rdev == makedev(0, 0);
	if (S_ISSOCK(item->st.st_mode) || (is_mark && lower->n && !below_has(lower, item->path)))
		return drop_entry(item, err);
	if (S_ISDIR(item->st.st_mode) && !is_root && lower->n && !below_has(lower, item->path))
		drop_opaque(item);
	int rc = is_mark ? 0 : limit_time(item, newest, err);
	return rc < 0 ? rc : !is_root;
}

static int tidy_upper(int upper, const struct layer_origin *origin, size_t *ret_entries, struct mc_err *err)
{
	_cleanup_lower_ struct lower_view lower = { 0 };
	struct tree *t = NULL;
	const struct tree_item *item;
	*ret_entries = 0;
	int rc = lower_open(origin ? origin->lower : NULL, &lower, err);
	if (rc == 0)
		rc = tree_open(upper, &t, err);
	while (rc >= 0 && (rc = tree_next(t, &item, err)) > 0) {
		rc = tidy_entry(item, &lower, origin ? origin->newest : 0, err);
		*ret_entries += rc > 0;
	}
	tree_close(t);
	return rc < 0 ? rc : 0;
}

/* dir/name becomes layers/<place>/fs by two renames: the second one makes the whole layer appear at once. */
static int move_upper(
	int layers, int dir, const char *name, const char *place, uint64_t bytes, struct mc_err *err)
{
	char temp[40] = "tmp-", text[32];
	random_hex(temp + 4, 12);
	_cleanup_free_ char *fs = xasprintf("%s/fs", temp), *size = xasprintf("%s/size", temp);
	int n = snprintf(text, sizeof(text), "%llu\n", (unsigned long long)bytes);
	int rc = dir_make(layers, temp, 0755, err);
	if (rc == 0)
		rc = file_write_atomic(layers, size, text, (size_t)n, 0644, 0, err);
	if (rc == 0 && renameat(dir, name, layers, fs) < 0)
		rc = err_sys(err, "move %s into the image store", name);
	if (rc == 0 && renameat(layers, temp, layers, place) == 0)
		return 0;
	struct mc_err ignored;
	if (rc == 0 && errno != EEXIST && errno != ENOTEMPTY) {
		rc = err_sys(err, "rename a new layer to %s", place);
		renameat(layers, fs, dir, name);
	}
	dir_remove(layers, temp, &ignored);
	return rc;
}

int layer_adopt(int store, int dir, const char *name, const struct layer_origin *origin,
	struct adopted_layer *ret, struct mc_err *err)
{
	_cleanup_close_ int layers = store_layers(store, err);
	if (layers < 0)
		return layers;
	_cleanup_close_ int upper = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (upper < 0)
		return err_sys(err, "open the upper directory %s", name);
	*ret = (struct adopted_layer){ 0 };
	int rc = tidy_upper(upper, origin, &ret->entries, err);
	if (rc == 0)
		rc = incoming_diff(
			store, upper, NULL, origin ? origin->stop : NULL, &ret->diffid, &ret->bytes, err);
	if (rc == 0)
		rc = store_blob_size(store, &ret->diffid, &ret->blob_size, err);
	return rc < 0 ? rc : move_upper(layers, dir, name, digest_hex(&ret->diffid), ret->bytes, err);
}
