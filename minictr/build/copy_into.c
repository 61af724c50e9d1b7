/*
 * copy_into.c - files put into an image's tree, one by one, with two descriptors and no path in between.
 *
 * Kernel objects and man pages: openat2(2) RESOLVE_IN_ROOT, mkdirat(2), linkat(2), fchownat(2), fchmod(2),
 * utimensat(2), xattr(7). Order and why, for each file: an old one is unlinked, the new one is made O_EXCL
 * (so no link is written through), bytes, owner, then mode (chown(2) clears set-uid), then attributes
 * (chown clears capabilities as well), time last. No step depends on the umask. A directory is never put
 * in place of a file, nor a file in place of a directory, and a link to a directory inside a copied tree
 * is never replaced: each is an error that names both.
 */
#include "build/copy_into.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/warn.h"

enum { MAX_LINKS = 40 }; /* as the kernel counts (path_resolution(7)) */

struct copied { /* an inode of the source with several names, and where its first one went */
	dev_t dev;
	ino_t ino;
	char *path;
};

void copy_into_release(struct copy_into *c)
{
	for (size_t i = 0; i < c->seen_room; i++)
		free(c->seen[i].path);
	free(c->seen);
	c->seen = NULL;
	c->n_seen = c->seen_room = 0;
}

/* --- directories on the way --- */

/* An octal --chmod is also the mode of new parent directories (without set-uid); a symbolic one is not. */
static int own_dir(struct copy_into *c, int parent, const char *name, struct mc_err *err)
{
	mode_t mode = 0755;
	if (c->chmod && *c->chmod >= '0' && *c->chmod <= '7') {
		if (copy_mode(c->chmod, mode, true, &mode, err) < 0)
			return -err->code;
		mode &= 0777;
	}
	if (fchownat(parent, name, c->dir_uid, c->dir_gid, AT_SYMLINK_NOFOLLOW) < 0)
		return err_sys(err, "chown %s", name);
	return fchmodat(parent, name, mode, 0) < 0 ? err_sys(err, "chmod %s", name) : 0;
}

static int make_dirs(struct copy_into *c, const char *path, int links, struct mc_err *err);

static int open_dir(const struct copy_into *c, const char *path, struct mc_err *err)
{
	const char *real = *path ? path : ".";
	return c->no_links ? file_open_plain(c->root, real, O_PATH | O_DIRECTORY, err)
			   : file_open_beneath(c->root, real, O_PATH | O_DIRECTORY, 0, err);
}

/* --link copies as into an empty image: a link that stands there goes, and a directory takes its place. */
static void drop_link(const struct copy_into *c, int parent, const char *name)
{
	char ignored[1];
	if (c->no_links && readlinkat(parent, name, ignored, sizeof(ignored)) >= 0)
		unlinkat(parent, name, 0);
}

/* mkdir(2) found something: a link that leads nowhere yet (its target is made), or a file. */
static int enter_existing(
	struct copy_into *c, int parent, const char *head, const char *name, int links, struct mc_err *err)
{
	char target[4097];
	ssize_t n = readlinkat(parent, name, target, sizeof(target) - 1);
	if (n < 0) {
		int fd = openat(parent, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		return fd >= 0 ? fd
			       : err_set(err, ENOTDIR, "%s/%s is a file in the image, not a directory", head,
					 name);
	}
	target[n] = '\0';
	if (links >= MAX_LINKS)
		return err_set(err, ELOOP, "%s/%s: too many symbolic links", head, name);
	_cleanup_free_ char *next = *target == '/' ? xstrdup(target) : xasprintf("%s/%s", head, target);
	return make_dirs(c, next, links + 1, err);
}

/* An O_PATH descriptor of the directory; what is missing is made. */
static int make_dirs(struct copy_into *c, const char *path, int links, struct mc_err *err)
{
	struct mc_err ignored;
	_cleanup_free_ char *head = xstrdup(path);
	int fd = open_dir(c, path, &ignored);
	if (fd >= 0)
		return fd;
	for (size_t n = strlen(head); n > 1 && head[n - 1] == '/';)
		head[--n] = '\0';
	char *slash = strrchr(head, '/');
	_cleanup_free_ char *name = xstrdup(slash ? slash + 1 : head);
	if (slash)
		*slash = '\0';
	if (!*name || (ignored.code != ENOENT && ignored.code != ENOTDIR && ignored.code != ELOOP)) {
		*err = ignored;
		return -err->code;
	}
	_cleanup_close_ int parent = make_dirs(c, slash ? head : "", links, err);
	if (parent < 0)
		return parent;
	drop_link(c, parent, name);
	if (mkdirat(parent, name, 0700) < 0) {
		if (errno != EEXIST)
			return err_sys(err, "make directory %s in the image", path);
		return enter_existing(c, parent, slash ? head : "", name, links, err);
	}
	int rc = own_dir(c, parent, name, err);
	if (rc < 0)
		return rc;
	fd = openat(parent, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 ? err_sys(err, "open directory %s in the image", path) : fd;
}

int copy_make_dir(struct copy_into *c, const char *path, struct mc_err *err)
{
	return make_dirs(c, path, 0, err);
}

/* --- one entry --- */

static struct copied *find_copied(struct copy_into *c, const struct stat *st)
{
	size_t i = (st->st_ino * 0x9e3779b97f4a7c15ULL >> 20) & (c->seen_room - 1);
	while (c->seen[i].path && (c->seen[i].ino != st->st_ino || c->seen[i].dev != st->st_dev))
		i = (i + 1) & (c->seen_room - 1);
	return &c->seen[i];
}

static void remember_copied(struct copy_into *c, const struct stat *st, const char *path)
{
	if (c->n_seen * 2 >= c->seen_room) {
		struct copied *old = c->seen;
		size_t room = c->seen_room;
		c->seen_room = room ? room * 2 : 64;
		c->seen = xcalloc(c->seen_room, sizeof(*c->seen));
		for (size_t i = 0; i < room; i++)
			if (old[i].path) {
				struct stat key = { .st_dev = old[i].dev, .st_ino = old[i].ino };
				*find_copied(c, &key) = old[i];
			}
		free(old);
	}
	struct copied *s = find_copied(c, st);
	if (!s->path)
		c->n_seen++;
	free(s->path);
	*s = (struct copied){ st->st_dev, st->st_ino, xstrdup(path) };
}

/* Makes a hard link to a file that this COPY has copied already. False: the caller has to copy it. */
static bool link_again(struct copy_into *c, const struct stat *st, int dir, const char *name)
{
	struct mc_err ignored;
	if (st->st_nlink < 2 || !c->seen_room)
		return false;
	struct copied *s = find_copied(c, st);
	_cleanup_close_ int first =
		s->path ? file_open_beneath(c->root, s->path, O_PATH | O_NOFOLLOW, 0, &ignored) : -1;
	_cleanup_free_ char *proc = xasprintf("/proc/self/fd/%d", first);
	return first >= 0 && linkat(AT_FDCWD, proc, dir, name, AT_SYMLINK_FOLLOW) == 0;
}

/* Removes what stands at the place. An error when that is a directory: a file never replaces one. */
static int clear_place(int dir, const char *name, const char *source, const char *path, struct mc_err *err)
{
	if (unlinkat(dir, name, 0) == 0 || errno == ENOENT)
		return 0;
	if (errno == EISDIR || errno == EPERM || errno == ENOTEMPTY)
		return err_set(err, EISDIR, "cannot copy %s over %s: that is a directory in the image",
			source, path);
	return err_sys(err, "replace %s", path);
}

/* Owner, mode, attributes, time of an entry that stands; mode is ignored for links. */
static int dress(
	struct copy_into *c, const struct source_entry *e, int dir, const char *name, struct mc_err *err)
{
	mode_t mode = e->st.st_mode & 07777;
	bool is_dir = S_ISDIR(e->st.st_mode), is_link = S_ISLNK(e->st.st_mode);
	uid_t uid = c->has_owner ? c->uid : e->st.st_uid;
	gid_t gid = c->has_owner ? c->gid : e->st.st_gid;
	struct timespec times[2] = { { .tv_nsec = UTIME_OMIT }, e->st.st_mtim };
	if (c->chmod && copy_mode(c->chmod, mode, is_dir, &mode, err) < 0)
		return -err->code;
	if (fchownat(dir, name, uid, gid, AT_SYMLINK_NOFOLLOW) < 0)
		return err_sys(err, "chown %s", e->path);
	if (!is_link && fchmodat(dir, name, mode, 0) < 0)
		return err_sys(err, "chmod %s", e->path);
	int rc = c->keep_xattrs ? copy_xattrs(e->dir, e->name, dir, name, err) : 0;
	if (rc >= 0 && !is_dir && utimensat(dir, name, times, AT_SYMLINK_NOFOLLOW) < 0)
		rc = err_sys(err, "set the time of %s", e->path);
	return rc;
}

static int put_file(const struct source_entry *e, int dir, const char *name, struct mc_err *err)
{
	_cleanup_close_ int from =
		openat(e->dir, e->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (from < 0)
		return err_sys(err, "open %s", e->path);
	_cleanup_close_ int to =
		openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (to < 0)
		return err_sys(err, "create %s in the image", e->path);
	return copy_bytes(from, to, e->st.st_size, e->path, err);
}

/* Sockets and the like: a tar cannot hold the first, and a context's FIFO or device is never meant. */
static int put_special(
	struct copy_into *c, const struct source_entry *e, int dir, const char *name, struct mc_err *err)
{
	if (c->keep_xattrs && !S_ISSOCK(e->st.st_mode))
		return mknodat(dir, name, e->st.st_mode, e->st.st_rdev) < 0
			       ? err_sys(err, "mknod %s", e->path)
			       : 1;
	warn_user("%s is left out: a %s is not copied", e->path,
		S_ISSOCK(e->st.st_mode)   ? "socket"
		: S_ISFIFO(e->st.st_mode) ? "named pipe"
					  : "device");
	return 0;
}

/* Everything but directories. path: the whole destination, for messages and hard links. */
static int put_entry(struct copy_into *c, const struct source_entry *e, int dir, const char *name,
	const char *path, struct mc_err *err)
{
	if (str_starts(name, ".wh."))
		return err_set(err, EINVAL,
			"%s cannot be copied: in a layer a name that begins with .wh. means \"delete\"",
			e->path);
	int rc = clear_place(dir, name, e->path, path, err);
	if (rc < 0)
		return rc;
	if (S_ISREG(e->st.st_mode)) {
		if (link_again(c, &e->st, dir, name))
			return 0;
		rc = put_file(e, dir, name, err);
	} else if (S_ISLNK(e->st.st_mode)) {
		rc = symlinkat(e->link, dir, name) < 0 ? err_sys(err, "symlink %s", e->path) : 0;
	} else {
		rc = put_special(c, e, dir, name, err);
		if (rc <= 0)
			return rc;
	}
	if (rc >= 0)
		rc = dress(c, e, dir, name, err);
	if (rc >= 0 && S_ISREG(e->st.st_mode) && e->st.st_nlink > 1)
		remember_copied(c, &e->st, path);
	return rc < 0 ? rc : 0;
}

/* --- a directory's contents --- */

struct open_dir {
	char *rel; /* "" is the top */
	int fd;    /* at the destination */
};

struct copying {
	struct copy_into *c;
	const char *to; /* absolute, of the top */
	struct open_dir *dirs;
	size_t depth, room;
};

static void push_dir(struct copying *k, const char *rel, int fd)
{
	if (k->depth == k->room)
		k->dirs = xrealloc(k->dirs, (k->room = k->room * 2 + 8) * sizeof(*k->dirs));
	k->dirs[k->depth++] = (struct open_dir){ xstrdup(rel), fd };
}

static void pop_dir(struct copying *k)
{
	struct open_dir *d = &k->dirs[--k->depth];
	close_fd(d->fd);
	free(d->rel);
}

/* The open directory that rel lies in: the walk is depth first, so it is on the stack. */
static int parent_of(struct copying *k, const char *rel)
{
	const char *slash = strrchr(rel, '/');
	size_t len = slash ? (size_t)(slash - rel) : 0;
	while (k->depth > 1) {
		const char *top = k->dirs[k->depth - 1].rel;
		if (strlen(top) == len && strncmp(top, rel, len) == 0)
			break;
		pop_dir(k);
	}
	return k->dirs[k->depth - 1].fd;
}

/* --parents: a directory on the way that is new looks as in the source. */
static int put_parent(void *arg, const struct source_entry *e, struct mc_err *err)
{
	struct copying *k = arg;
	struct mc_err ignored;
	_cleanup_free_ char *path = xasprintf("%s/%s", k->to, e->rel);
	_cleanup_close_ int there = open_dir(k->c, path, &ignored);
	_cleanup_close_ int made = there < 0 ? make_dirs(k->c, path, 0, err) : -1;
	if (there >= 0 || made < 0)
		return there >= 0 ? 0 : made;
	return dress(k->c, e, made, ".", err);
}

/* Not followed, as BuildKit has it: `COPY rootfs /` would put rootfs/lib where a link of the image leads. */
static int no_directory(const struct copying *k, const struct source_entry *e, int parent, struct mc_err *err)
{
	char target[256];
	ssize_t n = readlinkat(parent, e->name, target, sizeof(target));
	if (n < 0)
		return err_set(err, ENOTDIR,
			"cannot copy directory %s over %s/%s: that is no directory in the image", e->path,
			k->to, e->rel);
	err_set(err, ENOTDIR, "cannot copy directory %s over %s/%s: that is a link in the image, to %.*s",
		e->path, k->to, e->rel, (int)n, target);
	return err_hint(
		err, "copy it by itself to where it belongs: COPY %s/ %s/%s/", e->path, k->to, e->rel);
}

static int put_dir(struct copying *k, const struct source_entry *e, int parent, struct mc_err *err)
{
	drop_link(k->c, parent, e->name);
	if (mkdirat(parent, e->name, 0700) < 0 && errno != EEXIST)
		return err_sys(err, "make directory %s in the image", e->path);
	int fd = openat(parent, e->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return no_directory(k, e, parent, err);
	push_dir(k, e->rel, fd);
	return dress(k->c, e, parent, e->name, err);
}

static int visit_entry(void *arg, const struct source_entry *e, struct mc_err *err)
{
	struct copying *k = arg;
	if (!*e->rel) /* the top itself: its own mode and owner do not count */
		return 0;
	int parent = parent_of(k, e->rel);
	if (S_ISDIR(e->st.st_mode))
		return put_dir(k, e, parent, err);
	_cleanup_free_ char *path = xasprintf("%s/%s", k->to, e->rel);
	return put_entry(k->c, e, parent, e->name, path, err);
}

static int copy_contents(struct copy_into *c, const struct source_tree *s, const struct source_top *top,
	const struct ignore *exclude, const char *to, struct mc_err *err)
{
	struct copying k = { .c = c, .to = str_eq(to, "/") ? "" : to };
	int fd = make_dirs(c, to, 0, err);
	if (fd < 0)
		return fd;
	push_dir(&k, "", fd);
	int rc = source_walk(s, top, exclude, visit_entry, &k, err);
	while (k.depth)
		pop_dir(&k);
	free(k.dirs);
	return rc;
}

/* --- one file --- */

/* Where a file goes: an open directory, and a name in it. */
struct landing {
	int dir;
	char *name;
	char *path;
};

static void landing_release(struct landing *l)
{
	close_fd(l->dir);
	free(l->name);
	free(l->path);
}

static int land_in(
	struct copy_into *c, const char *dir, const char *name, struct landing *ret, struct mc_err *err)
{
	ret->dir = make_dirs(c, dir, 0, err);
	ret->name = xstrdup(name);
	ret->path = xasprintf("%s/%s", str_eq(dir, "/") ? "" : dir, name);
	return ret->dir < 0 ? ret->dir : 0;
}

static char *split_name(char *path)
{
	char *slash = strrchr(path, '/');
	*slash = '\0';
	return slash + 1;
}

static int land(struct copy_into *c, const char *name, const char *to, bool into_dir, int links,
	struct landing *ret, struct mc_err *err)
{
	char target[4097];
	struct mc_err ignored;
	*ret = (struct landing){ .dir = -1 };
	_cleanup_close_ int dir = open_dir(c, to, &ignored);
	if (into_dir || dir >= 0)
		return land_in(c, to, name, ret, err);
	_cleanup_free_ char *head = xstrdup(to);
	char *last = split_name(head);
	int rc = land_in(c, *head ? head : "/", last, ret, err);
	ssize_t n = rc < 0 || c->no_links ? -1 : readlinkat(ret->dir, last, target, sizeof(target) - 1);
	if (n < 0)
		return rc;
	/* the destination is a link to a file, or to nothing yet: the file goes where it points */
	target[n] = '\0';
	if (links >= MAX_LINKS)
		return err_set(err, ELOOP, "%s: too many symbolic links", to);
	_cleanup_free_ char *next = *target == '/' ? xstrdup(target) : xasprintf("%s/%s", head, target);
	landing_release(ret);
	return land(c, name, next, false, links + 1, ret, err);
}

struct single {
	struct copy_into *c;
	struct landing *at;
};

static int visit_single(void *arg, const struct source_entry *e, struct mc_err *err)
{
	struct single *s = arg;
	return put_entry(s->c, e, s->at->dir, s->at->name, s->at->path, err);
}

int copy_top(struct copy_into *c, const struct source_tree *s, const struct source_top *top,
	const struct ignore *exclude, const char *to, bool into_dir, struct mc_err *err)
{
	struct landing at;
	const char *slash = strrchr(top->path, '/');
	/* hard links are kept within one source; a file and a link to it, named side by side, become two files */
	copy_into_release(c);
	_cleanup_free_ char *below =
		top->below && *top->below ? xasprintf("%s/%s", str_eq(to, "/") ? "" : to, top->below) : NULL;
	struct copying way = { .c = c, .to = str_eq(to, "/") ? "" : to };
	int rc = below ? source_parents(s, top, put_parent, &way, err) : 0;
	if (rc < 0 || top->is_dir)
		return rc < 0 ? rc : copy_contents(c, s, top, exclude, below ? below : to, err);
	rc = land(c, slash ? slash + 1 : top->path, below ? below : to, into_dir || below, 0, &at, err);
	struct single one = { c, &at };
	if (rc >= 0)
		rc = source_walk(s, top, exclude, visit_single, &one, err);
	landing_release(&at);
	return rc;
}

/* --- files that stand in no tree --- */

int copy_file(struct copy_into *c, int fd, const char *name, mode_t mode, int64_t mtime, const char *to,
	bool into_dir, struct mc_err *err)
{
	struct landing at;
	struct source_entry e = { .dir = -1, .name = name, .path = name, .rel = "" };
	if (fstat(fd, &e.st) < 0)
		return err_sys(err, "stat %s", name);
	e.st.st_mode = S_IFREG | mode;
	e.st.st_uid = e.st.st_gid = 0;
	e.st.st_mtim = (struct timespec){ .tv_sec = mtime, .tv_nsec = mtime ? 0 : UTIME_NOW };
	int rc = land(c, name, to, into_dir, 0, &at, err);
	if (rc >= 0)
		rc = clear_place(at.dir, at.name, name, at.path, err);
	_cleanup_close_ int out =
		rc < 0 ? -1
		       : openat(at.dir, at.name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (rc >= 0 && out < 0)
		rc = err_sys(err, "create %s in the image", at.path);
	if (rc >= 0)
		rc = copy_bytes(fd, out, e.st.st_size, name, err);
	bool keep = c->keep_xattrs;
	c->keep_xattrs = false;
	if (rc >= 0)
		rc = dress(c, &e, at.dir, at.name, err);
	c->keep_xattrs = keep;
	landing_release(&at);
	return rc;
}

int copy_text(struct copy_into *c, const char *name, const char *text, size_t len, const char *to,
	bool into_dir, struct mc_err *err)
{
	_cleanup_close_ int fd = file_of_bytes(text, len, err);
	return fd < 0 ? fd : copy_file(c, fd, name, 0644, 0, to, into_dir, err);
}
