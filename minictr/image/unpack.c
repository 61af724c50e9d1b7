/*
 * unpack.c - a tar becomes files, beneath a root and nowhere else, whatever the archive says.
 *
 * An archive is written by strangers and unpacked by root. Three rules keep it in its place:
 *   1. A name is cleaned as text first: no leading slash, no ".", and a ".." that climbs is refused.
 *   2. Its directory is opened by openat2(2) with RESOLVE_IN_ROOT: a link from the archive may lead
 *      elsewhere inside the root, never out, and no race can change that: the kernel resolves in one go.
 *   3. Its last component is made, never opened: O_EXCL|O_NOFOLLOW, mkdirat, symlinkat, linkat.
 *      What stood there is removed first.
 * Order per entry: content, owner, mode, attributes, times. chown(2) clears set-user-id bits and file
 * capabilities, so both come after it. A directory's times are set at the very end, because making files in
 * it changes them.
 *
 * Left out: what whiteouts mean (layer.c), reading the archive and its limits (archive.c).
 */
#include "image/layer.h"

#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

#include "base/file.h"
#include "base/sys.h"
#include "image/overlay.h"
#include "image/owners.h"
#include "runtime/userns.h"

struct late_dir { /* what a directory gets when everything is in it */
	char *path;
	struct timespec mtime;
	mode_t mode;
	void *acl; /* its default ACL, which would be inherited by what is made in it; NULL = none */
	size_t acl_len;
};

static const char *const default_acl = "system.posix_acl_default";

struct unpacker {
	struct tar_reader *r;
	int root;    /* borrowed */
	int flags;   /* UNPACK_* */
	bool userns; /* device nodes cannot be made */
	uid_t uid;   /* who makes the files */
	gid_t gid;
	uid_t root_uid; /* root as the container's files have it on disk: owner of what the archive gives no owner */
	gid_t root_gid;
	int parent;        /* directory of the last entry, kept: neighbours follow each other */
	char *parent_path; /* its path; NULL = none kept */
	struct late_dir *dirs;
	size_t n_dirs, room;
};

static void forget_parent(struct unpacker *u)
{
	close_fd(take_fd(&u->parent));
	free(take_ptr(&u->parent_path));
}

/* Rule 1. "/usr//./lib/" is "usr/lib"; the root itself is "". NULL when it climbs out. Caller frees. */
static char *clean_path(const char *path)
{
	char *out = xmalloc(strlen(path) + 1);
	size_t len = 0;
	for (const char *p = path; *p;) {
		p += strspn(p, "/");
		size_t n = strcspn(p, "/");
		if (n == 2 && strncmp(p, "..", 2) == 0) {
			if (len == 0) {
				free(out);
				return NULL;
			}
			while (len && out[--len] != '/')
				;
		} else if (n && !(n == 1 && *p == '.')) {
			if (len)
				out[len++] = '/';
			memcpy(out + len, p, n);
			len += n;
		}
		p += n;
	}
	out[len] = '\0';
	return out;
}

/*
 * Opens path inside the root. The kernel takes 4095 bytes at a time (path_resolution(7)). With UNPACK_DEEP
 * what is behind them is opened name by name, and no link there is followed.
 */
static int open_inside(struct unpacker *u, const char *path, int flags, struct mc_err *err)
{
	enum { DEEPEST = 4 * PATH_MAX };
	size_t len = strlen(path), cut = PATH_MAX - 1;
	if (len < PATH_MAX || len > DEEPEST || !(u->flags & UNPACK_DEEP))
		return file_open_beneath(u->root, *path ? path : ".", flags, 0, err);
	while (cut && path[cut] != '/')
		cut--;
	_cleanup_free_ char *first = xstrndup(path, cut), *rest = xstrdup(path + cut);
	char *save = NULL;
	int fd = file_open_beneath(u->root, first, O_PATH | O_DIRECTORY, 0, err);
	for (char *name = strtok_r(rest, "/", &save), *next; name && fd >= 0; name = next) {
		_cleanup_close_ int above = fd;
		next = strtok_r(NULL, "/", &save);
		fd = sys_open(above, name, O_NOFOLLOW | (next ? O_PATH | O_DIRECTORY : flags), 0, err);
	}
	return fd;
}

/* Root's in the container's eyes; a no-op where these are ours. */
static int give_to_root(const struct unpacker *u, int dir, const char *name, struct mc_err *err)
{
	if (u->root_uid == u->uid && u->root_gid == u->gid)
		return 0;
	return sys_chown(dir, name, u->root_uid, u->root_gid, AT_SYMLINK_NOFOLLOW, err);
}

/* A directory that the archive did not name, made inside `dir`. A whiteout of that name becomes an opaque
 * directory. */
static int make_implied(const struct unpacker *u, int dir, const char *name, struct mc_err *err)
{
	struct stat st;
	if (mkdirat(dir, name, 0755) == 0)
		return give_to_root(u, dir, name, err);
	if (errno != EEXIST || fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return err_sys(err, "mkdir %s", name);
	if (!S_ISCHR(st.st_mode) || st.st_rdev != 0)
		return S_ISDIR(st.st_mode) || S_ISLNK(st.st_mode)
			       ? 0
			       : err_set(err, ENOTDIR, "%s is no directory", name);
	if (unlinkat(dir, name, 0) < 0 || mkdirat(dir, name, 0755) < 0)
		return err_sys(err, "mkdir %s", name);
	_cleanup_close_ int made = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (made < 0)
		return err_sys(err, "open %s", name);
	int rc = give_to_root(u, dir, name, err);
	return rc < 0 ? rc : layer_set_opaque(made, err);
}

/* Rule 2. Opens the directory `path`, making what is missing. Returns the descriptor. */
static int open_dir(struct unpacker *u, const char *path, struct mc_err *err)
{
	int fd = open_inside(u, path, O_RDONLY | O_DIRECTORY, err);
	if (fd != -ENOENT && fd != -ENOTDIR)
		return fd;
	const char *slash = strrchr(path, '/');
	_cleanup_free_ char *above = slash ? xstrndup(path, (size_t)(slash - path)) : xstrdup("");
	if (!*path)
		return fd;
	_cleanup_close_ int dir = open_dir(u, above, err);
	if (dir < 0)
		return dir;
	int rc = make_implied(u, dir, slash ? slash + 1 : path, err);
	return rc < 0 ? rc : open_inside(u, path, O_RDONLY | O_DIRECTORY, err);
}

/* The directory of an entry, from the one kept when it is the same; borrowed. *ret_name points into path. */
static int parent_of(struct unpacker *u, const char *path, const char **ret_name, struct mc_err *err)
{
	const char *slash = strrchr(path, '/');
	size_t len = slash ? (size_t)(slash - path) : 0;
	*ret_name = slash ? slash + 1 : path;
	if (u->parent_path && strlen(u->parent_path) == len && strncmp(u->parent_path, path, len) == 0)
		return u->parent;
	forget_parent(u);
	_cleanup_free_ char *above = xstrndup(path, len);
	u->parent = open_dir(u, above, err);
	if (u->parent < 0) {
		int rc = u->parent;
		u->parent = -1;
		return rc;
	}
	u->parent_path = take_ptr(&above);
	return u->parent;
}

/* --- owner, mode, attributes, times --- */

static bool xattr_allowed(const char *name)
{
	/* An archive must not speak to overlayfs: a planted redirect or metacopy mark reads other files. */
	return !str_starts(name, "trusted.overlay.") && !str_starts(name, "user.overlay.") &&
	       !str_eq(name, "security.selinux");
}

/* On the open file fd, or, with a name, on that entry of the directory fd without following it. */
static int set_xattrs(int fd, const char *name, const struct tar_entry *e, struct mc_err *err)
{
	char file[320]; /* there is no lsetxattrat(2) before Linux 6.13 */
	if (name)
		snprintf(file, sizeof(file), "/proc/self/fd/%d/%s", fd, name);
	for (size_t i = 0; i < e->n_xattrs; i++) {
		const struct tar_xattr *x = &e->xattrs[i];
		if (!xattr_allowed(x->name) || str_eq(x->name, default_acl))
			continue;
		if (owners_set_xattr(fd, name ? file : NULL, x->name, x->value, x->len) == 0)
			continue;
		/* The file system has none, or we lack the privilege (user namespace): go on, as tar does. */
		if (errno != ENOTSUP && errno != EPERM)
			return err_sys(err, "setxattr %s", x->name);
	}
	return 0;
}

static void times_of(const struct tar_entry *e, struct timespec ret[2])
{
	ret[0] = (struct timespec){ .tv_nsec = UTIME_OMIT };
	ret[1] = e->st.st_mtim;
}

/* Its owner to be, and whether that differs from the owner that the kernel gave it. */
static bool owner_differs(const struct unpacker *u, const struct tar_entry *e, uid_t *uid, gid_t *gid)
{
	*uid = u->flags & UNPACK_NO_OWNER ? u->root_uid : e->st.st_uid;
	*gid = u->flags & UNPACK_NO_OWNER ? u->root_gid : e->st.st_gid;
	return *uid != u->uid || *gid != u->gid;
}

/* After a failed chown(2): an id that has no place in this user namespace (no /etc/subuid) stays the
 * caller's. */
static bool unmapped(const struct unpacker *u) { return u->userns && errno == EINVAL; }

/*
 * A node's mode, by descriptor: by name chmod(2) follows a link, and in the root of a running container
 * (`cp`) a program may have put one in the place of what was just made. It would lead to a file of the host,
 * because our process has the host's root.
 */
static int chmod_node(int dir, const char *name, const struct tar_entry *e, struct mc_err *err)
{
	char path[40];
	struct stat st;
	_cleanup_close_ int fd = sys_open(dir, name, O_PATH | O_NOFOLLOW, 0, err);
	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0 || (st.st_mode & S_IFMT) != (e->st.st_mode & S_IFMT))
		return err_set(err, EPERM, "it was exchanged for another file while it was made");
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return chmod(path, e->st.st_mode & 07777) < 0 ? err_sys(err, "chmod %04o", e->st.st_mode & 07777) : 0;
}

/* Everything but a directory's mode and times, for what was just made as dir/name. */
static int dress(struct unpacker *u, int dir, const char *name, const struct tar_entry *e, struct mc_err *err)
{
	struct timespec times[2];
	uid_t uid;
	gid_t gid;
	times_of(e, times);
	mode_t type = e->st.st_mode & S_IFMT;
	if (owner_differs(u, e, &uid, &gid) && fchownat(dir, name, uid, gid, AT_SYMLINK_NOFOLLOW) < 0 &&
		!unmapped(u))
		return err_sys(err, "chown to %u:%u", uid, gid);
	if (type != S_IFLNK && type != S_IFDIR && chmod_node(dir, name, e, err) < 0)
		return -err->code;
	int rc = e->n_xattrs ? set_xattrs(dir, name, e, err) : 0;
	if (rc < 0)
		return rc;
	if (type != S_IFDIR && utimensat(dir, name, times, AT_SYMLINK_NOFOLLOW) < 0)
		return err_sys(err, "set the time");
	return 0;
}

static void remember_dir(struct unpacker *u, const char *path, const struct tar_entry *e)
{
	if (u->n_dirs == u->room)
		u->dirs = xrealloc(u->dirs, (u->room = u->room * 2 + 64) * sizeof(*u->dirs));
	struct late_dir *d = &u->dirs[u->n_dirs++];
	*d = (struct late_dir){
		.path = xstrdup(path), .mtime = e->st.st_mtim, .mode = e->st.st_mode & 07777
	};
	for (size_t i = 0; i < e->n_xattrs && !d->acl; i++) {
		const struct tar_xattr *x = &e->xattrs[i];
		if (str_eq(x->name, default_acl))
			d->acl = memcpy(xmalloc(x->len + 1), x->value, d->acl_len = x->len);
	}
}

/* Last of all, in the archive's order: of two entries for one directory the later counts. What was replaced
 * meanwhile is left alone. */
static void finish_dirs(struct unpacker *u)
{
	for (size_t i = 0; i < u->n_dirs; i++) {
		struct late_dir *d = &u->dirs[i];
		struct mc_err ignored;
		struct timespec times[2] = { { .tv_nsec = UTIME_OMIT }, d->mtime };
		_cleanup_close_ int fd =
			open_inside(u, d->path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, &ignored);
		if (fd >= 0 && d->acl)
			owners_set_xattr(fd, NULL, default_acl, d->acl, d->acl_len);
		if (fd >= 0 && fchmod(fd, d->mode) == 0)
			futimens(fd, times);
		free(d->path);
		free(d->acl);
	}
	free(u->dirs);
}

/* --- rule 3: making the last component --- */

static int make_file(
	struct unpacker *u, int dir, const char *name, const struct tar_entry *e, struct mc_err *err)
{
	_cleanup_close_ int fd =
		openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_sys(err, "create");
	int rc = tar_copy(u->r, fd, err);
	if (rc < 0)
		return rc;
	struct timespec times[2];
	uid_t uid;
	gid_t gid;
	times_of(e, times);
	if (owner_differs(u, e, &uid, &gid) && fchown(fd, uid, gid) < 0 && !unmapped(u))
		return err_sys(err, "chown to %u:%u", uid, gid);
	if (fchmod(fd, e->st.st_mode & 07777) < 0)
		return err_sys(err, "chmod %04o", e->st.st_mode & 07777);
	if (e->n_xattrs)
		rc = set_xattrs(fd, NULL, e, err);
	if (rc == 0 && futimens(fd, times) < 0)
		rc = err_sys(err, "set the time");
	return rc;
}

static int make_hardlink(
	struct unpacker *u, int dir, const char *name, const struct tar_entry *e, struct mc_err *err)
{
	_cleanup_free_ char *target = clean_path(e->link);
	if (!target || !*target)
		return err_set(err, EPERM, "hard link to \"%s\", outside the root", e->link);
	char *slash = strrchr(target, '/');
	if (slash)
		*slash = '\0';
	_cleanup_close_ int from = open_inside(u, slash ? target : "", O_PATH | O_DIRECTORY, err);
	if (from < 0)
		return from;
	/* Without AT_SYMLINK_FOLLOW a link is linked itself, never what it points at. */
	if (linkat(from, slash ? slash + 1 : target, dir, name, 0) < 0)
		return err_sys(err, "hard link to \"%s\"", e->link);
	return 0;
}

/* A directory may be there already, implied or from an earlier entry: it is kept and gets the new
 * attributes. 1: it keeps its own (UNPACK_KEEP_DIRS). */
static int make_dir(struct unpacker *u, int dir, const char *name, struct mc_err *err)
{
	struct stat st;
	if (mkdirat(dir, name, 0700) == 0)
		return 0;
	if (errno != EEXIST)
		return err_sys(err, "mkdir");
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode))
		return (u->flags & UNPACK_KEEP_DIRS) != 0;
	if ((u->flags & UNPACK_REPLACE_NO_DIR) || !S_ISCHR(st.st_mode) || st.st_rdev != 0)
		return -EEXIST; /* make_entry() removes it */
	return make_implied(
		u, dir, name, err); /* a whiteout: the directory is new, so nothing old may show */
}

static int make_node(
	struct unpacker *u, int dir, const char *name, const struct tar_entry *e, struct mc_err *err)
{
	if (u->userns && !S_ISFIFO(e->st.st_mode) && e->st.st_rdev != 0)
		return 1; /* mknod(2) refuses device nodes in a user namespace; docker leaves them out too */
	if (mknodat(dir, name, (e->st.st_mode & S_IFMT) | 0600, e->st.st_rdev) < 0)
		return err_sys(err, "mknod");
	return 0;
}

/* Returns 1 when owner, mode and times are set. -EEXIST (without a message) when another entry has the
 * name. */
static int make(struct unpacker *u, int dir, const char *name, const struct tar_entry *e, struct mc_err *err)
{
	if (e->hardlink) {
		int rc = make_hardlink(u, dir, name, e, err);
		return rc < 0 ? rc : 1;
	}
	switch (e->st.st_mode & S_IFMT) {
	case S_IFREG: {
		int rc = make_file(u, dir, name, e, err);
		return rc < 0 ? rc : 1;
	}
	case S_IFDIR: return make_dir(u, dir, name, err);
	case S_IFLNK:
		if (!e->link || !*e->link)
			return err_set(err, EINVAL, "symbolic link without a target");
		return symlinkat(e->link, dir, name) < 0 ? err_sys(err, "symlink") : 0;
	case S_IFCHR:
	case S_IFBLK:
	case S_IFIFO: return make_node(u, dir, name, e, err);
	default: return err_set(err, EINVAL, "entry of an unknown type");
	}
}

static int make_entry(struct unpacker *u, const char *path, const struct tar_entry *e, struct mc_err *err)
{
	const char *name;
	int dir = parent_of(u, path, &name, err);
	if (dir < 0)
		return dir;
	if ((u->flags & UNPACK_LAYER) && str_starts(name, ".wh.")) {
		if (str_eq(name, ".wh..wh..opq"))
			return layer_set_opaque(dir, err);
		return str_starts(name, ".wh..wh.") ? 0 /* aufs's own files */
						    : layer_whiteout(dir, name, err);
	}
	int rc = make(u, dir, name, e, err);
	if (rc == -EEXIST) {
		struct stat st;
		bool is_dir = fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode);
		if ((u->flags & UNPACK_REPLACE_NO_DIR) && is_dir != S_ISDIR(e->st.st_mode))
			return err_set(err, EEXIST, "cannot overwrite %s",
				is_dir ? "a directory with a file" : "a file with a directory");
		/* The kept parent may be inside what is removed now. */
		int again = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		forget_parent(u);
		rc = dir_remove(again, name, err);
		if (rc == 0)
			rc = make(u, again, name, e, err);
		if (rc == 0)
			rc = dress(u, again, name, e, err);
		close_fd(again);
	} else if (rc == 0)
		rc = dress(u, dir, name, e, err);
	if (rc == 0 && !e->hardlink && S_ISDIR(e->st.st_mode))
		remember_dir(u, path, e);
	return rc < 0 ? rc : 0;
}

/* The entry "./": owner, mode, times of the root itself. */
static int dress_root(struct unpacker *u, const struct tar_entry *e, struct mc_err *err)
{
	if (e->hardlink || !S_ISDIR(e->st.st_mode))
		return err_set(err, EINVAL, "the root can only be a directory");
	if (u->flags & (UNPACK_KEEP_DIRS | UNPACK_KEEP_ROOT))
		return 0;
	remember_dir(u, "", e);
	return dress(u, u->root, ".", e, err);
}

int unpack(struct tar_reader *r, int root, int flags, struct mc_err *err)
{
	struct unpacker u = { .r = r, .root = root, .flags = flags, .parent = -1 };
	u.userns = overlay_needs_userxattr();
	const struct id_maps *ids = tar_ids(r);
	u.uid = u.root_uid = geteuid();
	u.gid = u.root_gid = getegid();
	if (ids) {
		u.root_uid = (uid_t)id_map_outside(&ids->uids, id_map_root(&ids->uids));
		u.root_gid = (gid_t)id_map_outside(&ids->gids, id_map_root(&ids->gids));
	}
	const struct tar_entry *e;
	int rc;
	while ((rc = tar_next(r, &e, err)) > 0) {
		_cleanup_free_ char *path = clean_path(e->path);
		if (!path)
			rc = err_set(err, EPERM, "the name climbs out of the root");
		else
			rc = *path ? make_entry(&u, path, e, err) : dress_root(&u, e, err);
		if (rc < 0) {
			rc = err_wrap(
				err, "entry %llu \"%.200s\"", (unsigned long long)tar_entries(r), e->path);
			break;
		}
	}
	forget_parent(&u);
	finish_dirs(&u);
	return rc;
}
