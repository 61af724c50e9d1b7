/*
 * layer.c - what a layer is: a tar of changes, and the directory overlayfs makes of it.
 *
 * A layer says "this file is new", "that one is gone", "of this directory nothing old remains". tar has no
 * word for the last two, so the image-spec (layer.md) spells them as file names; overlayfs spells them as a
 * device node and an extended attribute. This file translates both ways:
 *
 *     in the tar            in the directory (overlayfs.rst)              means
 *     .wh.NAME              NAME, character device 0:0                    NAME of the layers below is gone
 *     DIR/.wh..wh..opq      xattr trusted.overlay.opaque=y on DIR         nothing of DIR below shows through
 *
 * Kernel interfaces: mknod(2), fsetxattr(2); overlayfs.rst "whiteouts and opaque directories". Left out:
 * unpacking whole archives safely (unpack.c), walking a tree (tree.c), where layers live (layer_store.c).
 */
#include "image/layer.h"

#include <fcntl.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/sys.h"
#include "image/tree.h"

#define OPAQUE_MARK ".wh..wh..opq"

/*
 * Hides everything that lower layers have in the directory `dir`, whatever it holds now. Its own content
 * stays. A second call changes nothing. In a user namespace we may not set the trusted.* attribute; there
 * the user.* one is set.
 * Lab 04.3: an opaque directory starts from nothing.
 */
int layer_set_opaque(int dir, struct mc_err *err)
{
	if (fsetxattr(dir, "trusted.overlay.opaque", "y", 1, 0) == 0)
		return 0;
	/* trusted.* wants CAP_SYS_ADMIN in the first user namespace (xattr(7)); an overlay mounted
	 * with `userxattr` looks at user.* instead. */
	if (errno == EPERM && fsetxattr(dir, "user.overlay.opaque", "y", 1, 0) == 0)
		return 0;
	return err_sys(err, "fsetxattr(%d, \"trusted.overlay.opaque\")", dir);
}

/*
 * tar_name is a file name from an archive, ".wh.NAME"; dir is the unpacked directory it lies in. Afterwards
 * NAME of any lower layer is gone in the merged view, and no file outside `dir` has changed. A NAME that
 * this layer itself has stays, and nothing of a lower one shows in it: a whiteout is about lower layers only.
 * Names without ".wh." and names that lead elsewhere ("." and "..", a slash) are refused.
 * Lab 04.2: deleting below is writing above.
 */
int layer_whiteout(int dir, const char *tar_name, struct mc_err *err)
{
	const char *name = str_starts(tar_name, ".wh.") ? tar_name + 4 : "";
	/* ".wh..." would be "..": the parent directory, outside the layer when dir is its root. */
	if (!*name || str_eq(name, ".") || str_eq(name, "..") || strchr(name, '/'))
		return err_set(err, EINVAL, "whiteout \"%s\" names no file of its directory", tar_name);
	struct mc_err why;
	int rc = sys_mknod(dir, name, S_IFCHR, makedev(0, 0), &why);
	if (rc != -EEXIST) {
		if (rc < 0)
			*err = why;
		return rc;
	}
	/* This layer has a NAME of its own. A file hides the lower one anyway; a directory would be
	 * merged with the lower directory, unless it is opaque. */
	_cleanup_close_ int sub = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return sub < 0 ? 0 : layer_set_opaque(sub, err);
}

static bool is_whiteout(const struct stat *st)
{
	return S_ISCHR(st->st_mode) && st->st_rdev == makedev(0, 0);
}

static bool is_opaque(const struct tree_item *item)
{
	char mark = 0;
	_cleanup_close_ int dir =
		openat(item->dir, item->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return dir >= 0 &&
	       (fgetxattr(dir, "trusted.overlay.opaque", &mark, 1) == 1 ||
		       fgetxattr(dir, "user.overlay.opaque", &mark, 1) == 1) &&
	       mark == 'y';
}

/* An empty file called MARK+NAME beside path: ("a/b", ".wh.", "b") gives a/.wh.b; a path that ends in a
 * slash is the directory itself. */
static int add_mark(
	struct tar_writer *out, const char *path, const char *mark, const char *name, struct mc_err *err)
{
	const char *slash = strrchr(path, '/');
	int parent = slash ? (int)(slash - path + 1) : 0;
	_cleanup_free_ char *marked = xasprintf("%.*s%s%s", parent, path, mark, name);
	return tar_add_data(out, marked, 0, "", 0, err);
}

/*
 * Writes the upper directory of an overlay as a layer: every entry that is in it, hidden ones too,
 * deletions as .wh.NAME in the same directory, opaque directories with an OPAQUE_MARK. Only a device 0:0 is a
 * deletion. Only changes: what was not touched is not in upper. `out` stays open. tree_next() walks,
 * tree_add() writes the present entry as it is.
 * Lab 04.4: a device node 0:0 means nothing to another engine; say it in the spec's words.
 */
int layer_diff(int upper, struct tar_writer *out, struct mc_err *err)
{
	struct tree *t = NULL;
	const struct tree_item *item;
	int rc = tree_open(upper, &t, err);
	if (rc < 0)
		return rc;
	while ((rc = tree_next(t, &item, err)) > 0) {
		if (is_whiteout(&item->st)) {
			rc = add_mark(out, item->path, ".wh.", item->name, err);
		} else {
			rc = tree_add(t, "", out, err);
			if (rc == 0 && S_ISDIR(item->st.st_mode) && is_opaque(item)) {
				_cleanup_free_ char *inside = xasprintf("%s/", item->path);
				rc = add_mark(out, inside, OPAQUE_MARK, "", err);
			}
		}
		if (rc < 0)
			break;
	}
	tree_close(t);
	return rc;
}

/*
 * ret_digest names the blob as it travels (compressed or not); ret_diffid names the tar inside, however it
 * was compressed (checked with gzip). For an uncompressed blob they are equal. Both are of the whole blob,
 * wherever its offset is; afterwards that is undefined. A blob that ends too early is an error.
 * inflate_open() and inflate_read() (image/archive.h) hand out decompressed bytes, from the offset on.
 * Lab 04.5: a layer has two names.
 */
int layer_digests(int blob, struct digest *ret_digest, struct digest *ret_diffid, struct mc_err *err)
{
	int rc = digest_of_fd(blob, ret_digest, err);
	if (rc == 0 && lseek(blob, 0, SEEK_SET) < 0)
		rc = err_sys(err, "lseek a layer");
	struct tar_reader *r = NULL;
	if (rc == 0)
		rc = inflate_open(blob, "layer", &r, err);
	if (rc < 0)
		return rc;
	struct hash *hash = hash_new();
	const void *data;
	ssize_t n;
	while ((n = inflate_read(r, &data, err)) > 0)
		hash_add(hash, data, (size_t)n);
	hash_end(hash, n < 0 ? NULL : ret_diffid);
	tar_close(r);
	return (int)n;
}
