/*
 * tree.c - walks a tree and writes its entries into a tar.
 *
 * One open directory per level, children sorted by name. Everything is reached by openat(2) relative to the
 * parent with O_NOFOLLOW, so a link swapped in while we walk is met as a link. Hard links are found by
 * device and inode: the first name carries the content, the others point at it (tar(5)).
 * Left out: sockets (no tar can hold them) and other file systems mounted below the root.
 */
#include "image/tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/file.h"

struct level {
	int fd;          /* the directory */
	char **names;    /* its children */
	size_t next;     /* the one to come */
	size_t path_len; /* of the directory's path, 0 for the root */
};

struct seen { /* one inode with several names */
	dev_t dev;
	ino_t ino;
	char *path;
};

struct tree {
	struct level *levels;
	size_t depth, room;
	struct buf path;
	struct tree_item item;
	bool descend;      /* the present item is a directory to go into next */
	int root;          /* borrowed */
	dev_t dev;         /* file system of the root */
	struct seen *seen; /* open addressing, size is a power of two */
	size_t n_seen, seen_room;
};

static int push(struct tree *t, int fd, struct mc_err *err)
{
	if (t->depth == t->room)
		t->levels = xrealloc(t->levels, (t->room = t->room * 2 + 16) * sizeof(*t->levels));
	struct level *l = &t->levels[t->depth];
	*l = (struct level){ .fd = fd, .path_len = t->path.len };
	int rc = dir_list(fd, ".", &l->names, err);
	if (rc < 0)
		close_fd(fd);
	else
		t->depth++;
	return rc;
}

static void pop(struct tree *t)
{
	struct level *l = &t->levels[--t->depth];
	close_fd(l->fd);
	strv_free(l->names);
}

int tree_open(int root, struct tree **ret, struct mc_err *err)
{
	struct stat st;
	if (fstat(root, &st) < 0)
		return err_sys(err, "stat the root of a tree");
	struct tree *t = xcalloc(1, sizeof(*t));
	*t = (struct tree){
		.root = root, .dev = st.st_dev, .item = { .path = xstrdup("."), .dir = root, .st = st }
	};
	buf_adds(&t->path, "");
	*ret = t;
	return 0;
}

static int enter(struct tree *t, struct mc_err *err)
{
	t->descend = false;
	int fd = t->depth == 0
			 ? openat(t->root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
			 : openat(t->item.dir, t->item.name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 ? err_sys(err, "open directory %s", t->item.path) : push(t, fd, err);
}

/* Fills the item with the next child; 0 when the level is done or the child vanished meanwhile. */
static int next_child(struct tree *t, struct level *l)
{
	const char *name = l->names[l->next++];
	buf_addf(&t->path, "%s%s", t->path.len ? "/" : "", name);
	free(t->item.path);
	t->item.path = xstrdup(t->path.data);
	t->item.name = t->item.path + t->path.len - strlen(name);
	t->item.dir = l->fd;
	if (fstatat(l->fd, name, &t->item.st, AT_SYMLINK_NOFOLLOW) < 0)
		return 0;
	t->descend = S_ISDIR(t->item.st.st_mode) && t->item.st.st_dev == t->dev;
	return 1;
}

static void cut_path(struct tree *t, size_t len)
{
	t->path.len = len;
	t->path.data[len] = '\0';
}

int tree_next(struct tree *t, const struct tree_item **ret, struct mc_err *err)
{
	*ret = &t->item;
	if (!t->item.name) { /* the very first: the root itself */
		t->item.name = t->item.path;
		t->descend = true;
		return 1;
	}
	if (t->descend) {
		int rc = enter(t, err);
		if (rc < 0)
			return rc;
	}
	while (t->depth > 0) {
		struct level *l = &t->levels[t->depth - 1];
		cut_path(t, l->path_len);
		if (!l->names[l->next])
			pop(t);
		else if (next_child(t, l))
			return 1;
	}
	return 0;
}

void tree_skip(struct tree *t) { t->descend = false; }

void tree_close(struct tree *t)
{
	if (!t)
		return;
	while (t->depth)
		pop(t);
	for (size_t i = 0; i < t->seen_room; i++)
		free(t->seen[i].path);
	free(t->seen);
	free(t->levels);
	free(t->item.path);
	buf_release(&t->path);
	free(t);
}

/* --- one entry as tar --- */

static struct seen *slot(struct tree *t, dev_t dev, ino_t ino)
{
	size_t i = (ino * 0x9e3779b97f4a7c15ULL >> 20) & (t->seen_room - 1);
	while (t->seen[i].path && (t->seen[i].ino != ino || t->seen[i].dev != dev))
		i = (i + 1) & (t->seen_room - 1);
	return &t->seen[i];
}

/* The first name under which this inode was written, or NULL: then this one is remembered. */
static const char *first_name(struct tree *t, const char *path)
{
	const struct stat *st = &t->item.st;
	if (st->st_nlink < 2 || S_ISDIR(st->st_mode))
		return NULL;
	if (t->n_seen * 2 >= t->seen_room) {
		struct seen *old = t->seen;
		size_t room = t->seen_room;
		t->seen_room = room ? room * 2 : 64;
		t->seen = xcalloc(t->seen_room, sizeof(*t->seen));
		for (size_t i = 0; i < room; i++)
			if (old[i].path)
				*slot(t, old[i].dev, old[i].ino) = old[i];
		free(old);
	}
	struct seen *s = slot(t, st->st_dev, st->st_ino);
	if (s->path)
		return s->path;
	*s = (struct seen){ .dev = st->st_dev, .ino = st->st_ino, .path = xstrdup(path) };
	t->n_seen++;
	return NULL;
}

/* overlayfs keeps its own marks in xattrs; SELinux labels belong to the host, not to the image. */
static bool xattr_travels(const char *name)
{
	return !str_starts(name, "trusted.overlay.") && !str_starts(name, "user.overlay.") &&
	       !str_eq(name, "security.selinux");
}

static void read_xattrs(const char *file, struct tar_entry *e)
{
	ssize_t size = llistxattr(file, NULL, 0);
	if (size <= 0)
		return;
	_cleanup_free_ char *names = xmalloc((size_t)size);
	size = llistxattr(file, names, (size_t)size);
	for (ssize_t at = 0; at < size; at += (ssize_t)strlen(names + at) + 1) {
		ssize_t len = xattr_travels(names + at) ? lgetxattr(file, names + at, NULL, 0) : -1;
		if (len < 0)
			continue;
		struct tar_xattr x = { .name = xstrdup(names + at), .value = xmalloc((size_t)len + 1) };
		len = lgetxattr(file, x.name, x.value, (size_t)len);
		x.len = len > 0 ? (size_t)len : 0;
		e->xattrs = xrealloc(e->xattrs, (e->n_xattrs + 1) * sizeof(x));
		e->xattrs[e->n_xattrs++] = x;
	}
}

static int add_file(
	const struct tree_item *item, struct tar_entry *e, struct tar_writer *out, struct mc_err *err)
{
	/* The tree may be a running container's: a file that has gone, or is none any more, is left out. */
	struct mc_err gone = { 0 };
	_cleanup_close_ int fd = file_open_regular(item->dir, item->name, &e->st, &gone);
	if (fd == -ENOENT || fd == -EINVAL)
		return 0;
	if (fd < 0) {
		*err = gone;
		return err_wrap(err, "%s", item->path);
	}
	return tar_add_file(out, e, fd, err);
}

int tree_add(struct tree *t, const char *prefix, struct tar_writer *out, struct mc_err *err)
{
	const struct tree_item *item = &t->item;
	mode_t type = item->st.st_mode & S_IFMT;
	if (type == S_IFSOCK)
		return 0;
	/* Directories end with a slash: that is how every tar names them. */
	struct tar_entry e = { .st = item->st };
	e.path = xasprintf("%s%s%s", prefix, str_eq(item->path, ".") ? (*prefix ? "" : "./") : item->path,
		type == S_IFDIR && !str_eq(item->path, ".") ? "/" : "");
	const char *first = first_name(t, e.path);
	_cleanup_free_ char *file = str_eq(item->path, ".")
					    ? xasprintf("/proc/self/fd/%d/.", item->dir)
					    : xasprintf("/proc/self/fd/%d/%s", item->dir, item->name);
	e.link = xstrdup(first);
	e.hardlink = first != NULL;
	if (!first)
		read_xattrs(file, &e);
	char target[4097];
	ssize_t n =
		type == S_IFLNK && !first ? readlinkat(item->dir, item->name, target, sizeof(target) - 1) : 0;
	if (type == S_IFLNK && !first && n >= 0)
		e.link = xstrndup(target, (size_t)n);
	int rc;
	if (n < 0)
		rc = err_sys(err, "readlink %s", item->path);
	else if (type == S_IFREG && !first)
		rc = add_file(item, &e, out, err);
	else
		rc = tar_add(out, &e, err);
	tar_entry_release(&e);
	return rc;
}

int tree_write(int root, const char *prefix, struct tar_writer *out, struct mc_err *err)
{
	struct tree *t = NULL;
	const struct tree_item *item;
	int rc = tree_open(root, &t, err);
	if (rc < 0)
		return rc;
	while ((rc = tree_next(t, &item, err)) > 0) {
		rc = tree_add(t, prefix, out, err);
		if (rc < 0)
			break;
	}
	tree_close(t);
	return rc;
}
