/*
 * tree_pack.c - what `cp` and `export` (and the API) write: one named file or directory, or a whole tree.
 */
#include "image/tree.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/file.h"
#include "runtime/userns.h"

int tree_write_named(int dir, const char *name, const char *as, struct tar_writer *out, struct mc_err *err)
{
	struct tar_entry e = { .path = (char *)as };
	char target[4097];
	if (fstatat(dir, name, &e.st, AT_SYMLINK_NOFOLLOW) < 0)
		return err_sys(err, "%s", name);
	if (S_ISDIR(e.st.st_mode)) {
		_cleanup_close_ int root = dir_open(dir, name, err);
		_cleanup_free_ char *prefix = str_eq(as, ".") ? xstrdup("") : xasprintf("%s/", as);
		return root < 0 ? root : tree_write(root, prefix, out, err);
	}
	if (S_ISREG(e.st.st_mode)) {
		_cleanup_close_ int fd = file_open_regular(dir, name, &e.st, err);
		return fd < 0 ? fd : tar_add_file(out, &e, fd, err);
	}
	ssize_t n = S_ISLNK(e.st.st_mode) ? readlinkat(dir, name, target, sizeof(target) - 1) : 0;
	if (n > 0) {
		target[n] = '\0';
		e.link = target;
	}
	return tar_add(out, &e, err);
}

int tree_write_all(int root, const struct id_maps *ids, int out, struct mc_err *err)
{
	struct tar_writer *tar = NULL;
	int rc = tar_create_fd(out, TAR_PLAIN, &tar, err);
	if (rc < 0)
		return rc;
	tar_writer_ids(tar, ids->uids.n ? ids : NULL);
	rc = tree_write(root, "", tar, err);
	if (rc == 0)
		return tar_end(tar, err);
	tar_abort(tar);
	return rc;
}
