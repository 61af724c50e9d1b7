/*
 * watch_tree.c - what has changed below a directory.
 *
 * Kernel objects and man pages: inotify(7) tells that something happened, not reliably what: events of a
 * directory that has just been made are lost, and an overflow drops them. So events only wake the reader, and
 * the truth is a second walk: fstatat(2) of every name, compared with the first.
 */
#include "compose/watch_tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TREE_NAMES_MAX = 100000, TREE_DEPTH_MAX = 64 };

struct tree_walk {
	const char *root;
	tree_skip_fn *skip;
	const void *rule;
	int notify;
	struct tree *tree;
	int depth;
};

static int64_t tree_time(const struct stat *st)
{
	int64_t content = st->st_mtim.tv_sec * 1000000000ll + st->st_mtim.tv_nsec;
	int64_t status = st->st_ctim.tv_sec * 1000000000ll + st->st_ctim.tv_nsec;
	return content > status ? content : status;
}

static int tree_add(struct tree *t, const char *path, const struct stat *st, struct mc_err *err)
{
	if (t->n >= TREE_NAMES_MAX)
		return err_set(err, E2BIG, "more than %d files to watch: `ignore` leaves directories out",
			TREE_NAMES_MAX);
	if ((t->n & (t->n - 1)) == 0)
		t->files = xrealloc(t->files, (t->n ? t->n * 2 : 1) * sizeof(*t->files));
	bool directory = S_ISDIR(st->st_mode);
	t->files[t->n++] = (struct tree_file){ .path = xstrdup(path),
		.inode = st->st_ino,
		.mode = st->st_mode,
		/* a directory's own size and times say that a name in it changed, and that is seen by itself */
		.size = directory ? 0 : st->st_size,
		.changed = directory ? 0 : tree_time(st) };
	return 0;
}

static int tree_walk_dir(struct tree_walk *w, int dir, const char *prefix, struct mc_err *err);

static int tree_one(struct tree_walk *w, int dir, const char *prefix, const char *name, struct mc_err *err)
{
	struct stat st;
	_cleanup_free_ char *path = xasprintf("%s%s%s", prefix, *prefix ? "/" : "", name);
	/* gone between readdir() and here: the next walk sees it */
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return 0;
	bool directory = S_ISDIR(st.st_mode);
	if (!directory && !S_ISREG(st.st_mode) && !S_ISLNK(st.st_mode))
		return 0;
	if (w->skip(w->rule, path, directory))
		return 0;
	int rc = tree_add(w->tree, path, &st, err);
	if (rc < 0 || !directory || w->depth >= TREE_DEPTH_MAX)
		return rc;
	_cleanup_close_ int below = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (below < 0)
		return 0;
	w->depth++;
	rc = tree_walk_dir(w, below, path, err);
	w->depth--;
	return rc;
}

static int tree_walk_dir(struct tree_walk *w, int dir, const char *prefix, struct mc_err *err)
{
	_cleanup_free_ char *place = xasprintf("%s/%s", w->root, prefix);
	_cleanup_closedir_ DIR *d = fdopendir(dup(dir));
	int rc = 0;
	/* before it is read: what changes while the names are listed wakes the loop again */
	if (w->notify >= 0)
		inotify_add_watch(w->notify, place,
			IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_ATTRIB |
				IN_ONLYDIR);
	for (struct dirent *e; rc >= 0 && d && (e = readdir(d));)
		if (!str_eq(e->d_name, ".") && !str_eq(e->d_name, ".."))
			rc = tree_one(w, dir, prefix, e->d_name, err);
	return rc;
}

static int tree_order(const void *a, const void *b)
{
	return strcmp(((const struct tree_file *)a)->path, ((const struct tree_file *)b)->path);
}

int tree_read(const char *root, tree_skip_fn *skip, const void *rule, int notify, struct tree *ret,
	struct mc_err *err)
{
	struct stat st;
	struct tree_walk w = { root, skip, rule, notify, ret, 0 };
	*ret = (struct tree){ 0 };
	if (stat(root, &st) < 0)
		return 0;
	if (!S_ISDIR(st.st_mode)) {
		/* its directory: editors replace a file, and a watch on the old one would sleep on */
		_cleanup_free_ char *parent = xstrndup(root, (size_t)(strrchr(root, '/') - root) + 1);
		if (notify >= 0)
			inotify_add_watch(
				notify, parent, IN_CLOSE_WRITE | IN_MOVED_TO | IN_DELETE | IN_ATTRIB);
		return tree_add(ret, "", &st, err);
	}
	_cleanup_close_ int dir = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc = dir < 0 ? 0 : tree_walk_dir(&w, dir, "", err);
	if (ret->n)
		qsort(ret->files, ret->n, sizeof(*ret->files), tree_order);
	return rc;
}

static bool tree_same(const struct tree_file *a, const struct tree_file *b)
{
	if (S_ISDIR(a->mode) && S_ISDIR(b->mode))
		return true;
	return a->inode == b->inode && a->size == b->size && a->mode == b->mode && a->changed == b->changed;
}

void tree_compare(const struct tree *before, const struct tree *now, char ***ret_changed, char ***ret_removed)
{
	size_t a = 0, b = 0;
	*ret_changed = *ret_removed = NULL;
	while (a < before->n || b < now->n) {
		int order = a == before->n ? 1
			    : b == now->n  ? -1
					   : strcmp(before->files[a].path, now->files[b].path);
		if (order < 0)
			strv_push(ret_removed, before->files[a++].path);
		else if (order > 0)
			strv_push(ret_changed, now->files[b++].path);
		else if (!tree_same(&before->files[a++], &now->files[b++]))
			strv_push(ret_changed, now->files[b - 1].path);
	}
}

void tree_release(struct tree *t)
{
	for (size_t i = 0; i < t->n; i++)
		free(t->files[i].path);
	free(t->files);
	*t = (struct tree){ 0 };
}
