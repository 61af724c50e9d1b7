/*
 * file.c - reading, atomic writing, directories, resolution beneath a root, locks.
 *
 * Kernel interfaces: openat(2), openat2(2), renameat(2), fsync(2), unlinkat(2), flock(2).
 * Order of an atomic write: temporary file beside the target, write, fsync (when asked), rename, fsync
 * of the directory. Without the first fsync a crash may leave an empty file under the new name.
 */
#include "base/file.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

int file_read_fd(int fd, const char *name, size_t max, struct buf *ret, struct mc_err *err)
{
	buf_clear(ret);
	for (;;) {
		buf_reserve(ret, 4096);
		ssize_t n = read(fd, ret->data + ret->len, ret->cap - ret->len - 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(err, "read %s", name);
		if (n == 0)
			break;
		ret->len += (size_t)n;
		if (ret->len > max)
			return err_set(
				err, EFBIG, "%s is larger than the %zu bytes expected of it", name, max);
	}
	ret->data[ret->len] = '\0';
	return 0;
}

int file_read(int dir, const char *path, size_t max, struct buf *ret, struct mc_err *err)
{
	_cleanup_close_ int fd = openat(dir, path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return err_sys(err, "open %s", path);
	return file_read_fd(fd, path, max, ret, err);
}

int file_read_record(int dir, const char *path, size_t max, struct buf *ret, struct mc_err *err)
{
	struct stat st;
	/* O_NONBLOCK: the open of a fifo returns at once (fifo(7)); regular files do not know the flag. */
	_cleanup_close_ int fd = openat(dir, path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &st) < 0)
		return err_sys(err, "open %s", path);
	if (!S_ISREG(st.st_mode))
		return err_set(err, EINVAL, "%s is damaged: it is not a regular file", path);
	return file_read_fd(fd, path, max, ret, err);
}

int file_write_all(int fd, const void *data, size_t len, struct mc_err *err)
{
	for (const char *p = data; len;) {
		ssize_t n = write(fd, p, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(err, "write");
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

/* fsync of the directory that holds path: without it a power cut may lose the new name. */
static int sync_parent(int dir, const char *path, struct mc_err *err)
{
	_cleanup_free_ char *parent = xstrdup(path);
	char *slash = strrchr(parent, '/');
	if (slash)
		*slash = '\0';
	_cleanup_close_ int fd =
		openat(dir, slash ? (*parent ? parent : "/") : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fsync(fd) < 0)
		return err_sys(err, "fsync the directory of %s", path);
	return 0;
}

int file_of_bytes(const void *data, size_t len, struct mc_err *err)
{
	_cleanup_close_ int fd = memfd_create("minictr", MFD_CLOEXEC);
	if (fd < 0)
		return err_sys(err, "memfd_create()");
	int rc = file_write_all(fd, data, len, err);
	if (rc >= 0 && lseek(fd, 0, SEEK_SET) < 0)
		rc = err_sys(err, "lseek()");
	return rc < 0 ? rc : take_fd(&fd);
}

static int fill_and_rename(int dir, const char *temp, const char *path, const void *data, size_t len,
	mode_t mode, int flags, struct mc_err *err)
{
	_cleanup_close_ int fd = openat(dir, temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	if (fd < 0)
		return err_sys(err, "create %s", temp);
	int rc = file_write_all(fd, data, len, err);
	if (rc < 0)
		return err_wrap(err, "%s", temp);
	/* openat(2) applied the umask, which must not decide who else may read state files. */
	if ((mode & ~(mode_t)0600) && fchmod(fd, mode) < 0)
		return err_sys(err, "fchmod %s", temp);
	if ((flags & FILE_SYNC) && fsync(fd) < 0)
		return err_sys(err, "fsync %s", temp);
	if (renameat(dir, temp, dir, path) < 0)
		return err_sys(err, "rename %s to %s", temp, path);
	return 0;
}

int file_write_atomic(
	int dir, const char *path, const void *data, size_t len, mode_t mode, int flags, struct mc_err *err)
{
	char nonce[17];
	random_hex(nonce, 8);
	_cleanup_free_ char *temp = xasprintf("%s.tmp-%s", path, nonce);
	int rc = fill_and_rename(dir, temp, path, data, len, mode, flags, err);
	if (rc < 0) {
		unlinkat(dir, temp, 0);
		return rc;
	}
	return (flags & FILE_SYNC) ? sync_parent(dir, path, err) : 0;
}

/* --- directories --- */

int dir_make(int dir, const char *path, mode_t mode, struct mc_err *err)
{
	_cleanup_free_ char *part = xstrdup(path);
	for (char *p = part; *p;) {
		p += strspn(p, "/");
		p += strcspn(p, "/");
		char rest = *p;
		*p = '\0';
		if (*part && mkdirat(dir, part, mode) < 0 && errno != EEXIST)
			return err_sys(err, "mkdir %s", part);
		*p = rest;
	}
	if (!path_is_dir(dir, path))
		return err_set(err, ENOTDIR, "%s exists and is not a directory", path);
	return 0;
}

int dir_open(int dir, const char *path, struct mc_err *err)
{
	int fd = openat(dir, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? err_sys(err, "open directory %s", path) : fd;
}

int dir_make_open(int dir, const char *path, mode_t mode, struct mc_err *err)
{
	int rc = dir_make(dir, path, mode, err);
	return rc < 0 ? rc : dir_open(dir, path, err);
}

int dir_open_own(const char *path, bool make, struct mc_err *err)
{
	struct stat st;
	struct mc_err missing = { 0 };
	/* The directory exists in most calls, so open it before trying mkdir(2). */
	_cleanup_close_ int fd = dir_open(AT_FDCWD, path, make ? &missing : err);
	if (fd < 0 && make)
		fd = dir_make_open(AT_FDCWD, path, 0700, err);
	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0)
		return err_sys(err, "stat %s", path);
	if ((st.st_uid == 0 || st.st_uid == geteuid()) && !(st.st_mode & 022))
		return take_fd(&fd);
	return err_set(err, EPERM, "%s belongs to another user or can be written by others: not used", path);
}

/* A tree that is being removed. */
struct removal {
	int top;    /* the root directory of the tree */
	bool again; /* something was moved into top: read top once more */
};
enum { REMOVE_DEPTH_MAX = 64 };

static int remove_entry(struct removal *r, int dir, const char *name, int depth, struct mc_err *err);

/* Removes the content of the directory fd; closes fd. */
static int remove_children(struct removal *r, int fd, int depth, struct mc_err *err)
{
	_cleanup_closedir_ DIR *d = fdopendir(fd);
	if (!d) {
		close_fd(fd);
		return err_sys(err, "fdopendir");
	}
	for (struct dirent *e; (e = readdir(d));) {
		if (str_eq(e->d_name, ".") || str_eq(e->d_name, ".."))
			continue;
		int rc = remove_entry(r, dirfd(d), e->d_name, depth, err);
		if (rc < 0)
			return rc;
	}
	return 0;
}

/*
 * Each level of recursion needs a descriptor and stack, and a container may nest its directories without
 * limit. So a directory below REMOVE_DEPTH_MAX levels is moved to the top of the tree and removed from there.
 */
static bool move_up(struct removal *r, int dir, const char *name)
{
	char nonce[17], up[32];
	random_hex(nonce, 8);
	snprintf(up, sizeof(up), ".deep-%s", nonce);
	return renameat(dir, name, r->top, up) == 0 && (r->again = true);
}

/*
 * Opens a directory to empty it. It refuses a mount point, because the mounted files belong to others.
 * Comparing device numbers would miss a bind mount of the same file system; RESOLVE_NO_XDEV (openat2(2))
 * finds it. Returns 0 when the directory is gone.
 */
static int open_to_empty(int dir, const char *name, struct mc_err *err)
{
	struct open_how how = { .flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC,
		.resolve = RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS };
	int fd = (int)syscall(SYS_openat2, dir, name, &how, sizeof(how));
	if (fd >= 0 || errno == ENOENT)
		return fd >= 0 ? fd : 0;
	if (errno == EXDEV)
		return err_set(err, EBUSY, "%s is a mount point; nothing behind it is removed", name);
	return err_sys(err, "remove %s", name);
}

static int remove_entry(struct removal *r, int dir, const char *name, int depth, struct mc_err *err)
{
	/* For a directory Linux says EISDIR and POSIX says EPERM (unlink(2)). */
	if (unlinkat(dir, name, 0) == 0 || errno == ENOENT)
		return 0;
	if (errno != EISDIR && errno != EPERM)
		return err_sys(err, "remove %s", name);
	if (depth > REMOVE_DEPTH_MAX && move_up(r, dir, name))
		return 0;
	int fd = open_to_empty(dir, name, err);
	if (fd <= 0)
		return fd;
	int rc = remove_children(r, fd, depth + 1, err);
	if (rc == 0 && unlinkat(dir, name, AT_REMOVEDIR) < 0 && errno != ENOENT)
		rc = err_sys(err, "rmdir %s", name);
	return rc;
}

/* Empties top; starts again while move_up() has moved a directory there. */
static int empty_tree(int top, struct mc_err *err)
{
	struct removal r = { .top = top };
	int rc;
	do {
		r.again = false;
		int fd = openat(top, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		rc = fd < 0 ? err_sys(err, "open a directory to be removed")
			    : remove_children(&r, fd, 1, err);
	} while (rc == 0 && r.again);
	return rc;
}

int dir_remove(int dir, const char *path, struct mc_err *err)
{
	if (unlinkat(dir, path, 0) == 0 || errno == ENOENT)
		return 0;
	if (errno != EISDIR && errno != EPERM)
		return err_sys(err, "remove %s", path);
	_cleanup_free_ char *above = xstrdup(path);
	char *slash = strrchr(above, '/');
	if (slash)
		*slash = '\0';
	const char *name = slash ? slash + 1 : path;
	_cleanup_close_ int parent = openat(dir,
		!slash   ? "."
		: *above ? above
			 : "/",
		O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (parent < 0)
		return errno == ENOENT ? 0 : err_sys(err, "remove %s", path);
	int fd = open_to_empty(parent, name, err);
	if (fd <= 0)
		return fd;
	_cleanup_close_ int top = fd;
	int rc = empty_tree(top, err);
	if (rc == 0 && unlinkat(parent, name, AT_REMOVEDIR) < 0 && errno != ENOENT)
		rc = err_sys(err, "rmdir %s", path);
	return rc;
}

static int by_name(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

int dir_list(int dir, const char *path, char ***ret, struct mc_err *err)
{
	int fd = dir_open(dir, path, err);
	if (fd < 0)
		return fd;
	_cleanup_closedir_ DIR *d = fdopendir(fd);
	if (!d) {
		close_fd(fd);
		return err_sys(err, "fdopendir %s", path);
	}
	/* The vector doubles: strv_push() would take quadratic time for a store of many layers. */
	size_t n = 0, cap = 16;
	char **names = xcalloc(cap + 1, sizeof(char *));
	for (struct dirent *e; (e = readdir(d));) {
		if (str_eq(e->d_name, ".") || str_eq(e->d_name, ".."))
			continue;
		if (n == cap)
			names = xrealloc(names, ((cap *= 2) + 1) * sizeof(char *));
		names[n++] = xstrdup(e->d_name);
	}
	names[n] = NULL;
	qsort(names, n, sizeof(char *), by_name);
	*ret = names;
	return 0;
}

uint64_t dir_bytes(int dir, const char *path)
{
	_cleanup_strv_ char **names = NULL;
	struct stat st;
	struct mc_err ignored;
	uint64_t sum = 0;
	if (fstatat(dir, path, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return 0;
	if (!S_ISDIR(st.st_mode))
		return S_ISREG(st.st_mode) ? (uint64_t)st.st_size : 0;
	_cleanup_close_ int sub = openat(dir, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (sub >= 0 && dir_list(sub, ".", &names, &ignored) == 0)
		for (char **n = names; *n; n++)
			sum += dir_bytes(sub, *n);
	return sum;
}

/* --- resolution, locks, small questions --- */

static int open_beneath(
	int root, const char *path, int flags, mode_t mode, uint64_t resolve, struct mc_err *err)
{
	struct open_how how = {
		.flags = (uint64_t)(flags | O_CLOEXEC),
		.mode = (flags & (O_CREAT | O_TMPFILE)) ? mode : 0,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | resolve,
	};
	int fd;
	/* EAGAIN: a rename elsewhere raced with ".."; openat2(2) says to try again. */
	do
		fd = (int)syscall(SYS_openat2, root, path, &how, sizeof(how));
	while (fd < 0 && (errno == EAGAIN || errno == EINTR));
	return fd < 0 ? err_sys(err, "open %s inside its root", path) : fd;
}

int file_open_beneath(int root, const char *path, int flags, mode_t mode, struct mc_err *err)
{
	return open_beneath(root, path, flags, mode, 0, err);
}

int file_open_plain(int root, const char *path, int flags, struct mc_err *err)
{
	return open_beneath(root, path, flags, 0, RESOLVE_NO_SYMLINKS, err);
}

/* Opens the file behind place, an O_PATH descriptor, for reading when it is a regular file. */
static int reopen_regular(int place, const char *name, struct stat *ret_st, struct mc_err *err)
{
	struct stat st;
	char path[40];
	if (fstat(place, &st) < 0)
		return err_sys(err, "stat %s", name);
	if (!S_ISREG(st.st_mode))
		return err_set(err, EINVAL, "%s is not a regular file", name);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", place);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0)
		return err_sys(err, "open %s", name);
	if (ret_st)
		*ret_st = st;
	return fd;
}

int file_open_regular(int dir, const char *name, struct stat *ret_st, struct mc_err *err)
{
	_cleanup_close_ int place = openat(dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	return place < 0 ? err_sys(err, "open %s", name) : reopen_regular(place, name, ret_st, err);
}

int file_open_regular_beneath(int root, const char *path, struct stat *ret_st, struct mc_err *err)
{
	_cleanup_close_ int place = file_open_beneath(root, path, O_PATH, 0, err);
	return place < 0 ? place : reopen_regular(place, path, ret_st, err);
}

int file_lock(int dir, const char *path, bool wait, struct mc_err *err)
{
	_cleanup_close_ int fd = openat(dir, path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return err_sys(err, "open lock %s", path);
	while (flock(fd, LOCK_EX | (wait ? 0 : LOCK_NB)) < 0)
		if (errno != EINTR)
			return err_sys(err, "lock %s", path);
	return take_fd(&fd);
}

bool path_exists(int dir, const char *path)
{
	struct stat st;
	return fstatat(dir, path, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

bool path_is_dir(int dir, const char *path)
{
	struct stat st;
	return fstatat(dir, path, &st, 0) == 0 && S_ISDIR(st.st_mode);
}

char *fd_path(int fd)
{
	char link[64], target[4096];
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	ssize_t n = readlink(link, target, sizeof(target) - 1);
	return n < 0 ? xasprintf("(fd %d)", fd) : xstrndup(target, (size_t)n);
}

int file_can_write(const char *path, struct mc_err *err)
{
	_cleanup_free_ char *dir = path ? xstrdup(path) : NULL;
	char *slash = dir ? strrchr(dir, '/') : NULL;
	if (!path)
		return 0;
	if (path_is_dir(AT_FDCWD, path))
		return err_set(err, EISDIR, "%s is a directory: name a file", path);
	if (slash)
		slash[slash == dir] = '\0';
	if (!*path || access(slash ? dir : ".", W_OK) < 0)
		return err_set(err, *path ? errno : ENOENT, "%s cannot be written", path);
	return 0;
}
