/*
 * copy_tree.c - how one tree becomes two: what `cp -a` does, by descriptors.
 *
 * Kernel objects and man pages: openat(2) O_NOFOLLOW, copy_file_range(2), lseek(2) SEEK_DATA,
 * ioctl_ficlone(2), linkat(2), xattr(7), utimensat(2).
 * Order and why: for each entry first content, then owner, then mode, then attributes, then times. chown(2)
 * takes the set-user-id bit and file capabilities away (capabilities(7)), so both come after it; every
 * write changes the times. A reflink is tried first: where the file system has it (XFS, btrfs), two files
 * share their blocks until one is changed.
 */
#include "volume/copy_tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/file.h"
#include "base/util.h"
#include "image/owners.h"

enum { COPY_DEPTH_MAX = 4096 }; /* each level holds descriptors; deeper trees are refused with a sentence */

struct copy_link { /* an inode with several names: where its first copy stands */
	dev_t dev;
	ino_t ino;
	char *path; /* relative to the copy's root */
};

struct copy_job {
	int root;  /* of the copy; borrowed */
	dev_t dev; /* file system of the source */
	struct copy_link *links;
	size_t n_links;
	struct buf path; /* of the present directory, relative to the root; "" there */
};

/* --- one file's data and what is known about it --- */

static int copy_range(int in, int out, off_t from, off_t to, struct mc_err *err)
{
	while (from < to) {
		off_t at = from;
		ssize_t n = copy_file_range(in, &from, out, &at, (size_t)(to - from), 0);
		if (n > 0)
			continue;
		if (n == 0)
			return 0; /* the file became shorter */
		if (errno != EXDEV && errno != EINVAL && errno != EOPNOTSUPP && errno != ENOSYS)
			return err_sys(err, "copy_file_range()");
		/* between two kinds of file systems, before Linux 5.19 */
		char block[65536];
		size_t want = (size_t)(to - from) < sizeof(block) ? (size_t)(to - from) : sizeof(block);
		n = pread(in, block, want, from);
		if (n == 0)
			return 0;
		if (n < 0 || pwrite(out, block, (size_t)n, from) != n)
			return err_sys(err, "copy a block");
		from += n;
	}
	return 0;
}

static int copy_bytes(int in, int out, off_t size, struct mc_err *err)
{
	if (ioctl(out, FICLONE, in) == 0)
		return 0;
	if (ftruncate(out, size) < 0)
		return err_sys(err, "make room for %lld bytes", (long long)size);
	for (off_t data = 0; data < size;) {
		data = lseek(in, data, SEEK_DATA);
		if (data < 0) /* a hole up to the end */
			return errno == ENXIO ? 0 : err_sys(err, "lseek(SEEK_DATA)");
		off_t hole = lseek(in, data, SEEK_HOLE);
		if (hole < 0)
			return err_sys(err, "lseek(SEEK_HOLE)");
		int rc = copy_range(in, out, data, hole, err);
		if (rc < 0)
			return rc;
		data = hole;
	}
	return 0;
}

/*
 * overlayfs keeps its own notes in these; in a copy they would make directories opaque and files
 * whiteouts.
 */
static bool copy_is_overlay(const char *xattr)
{
	return str_starts(xattr, "trusted.overlay.") || str_starts(xattr, "user.overlay.");
}

/* from, to: "/proc/self/fd/N", so that one call serves files, links and nodes that cannot be opened. */
static int copy_xattrs(const char *from, const char *to, struct mc_err *err)
{
	ssize_t len = llistxattr(from, NULL, 0);
	if (len <= 0)
		return 0; /* none, or a file system without them */
	_cleanup_free_ char *names = xmalloc((size_t)len + 1), *value = xmalloc(XATTR_SIZE_MAX);
	len = llistxattr(from, names, (size_t)len);
	for (char *name = names; len > 0 && name < names + len; name += strlen(name) + 1) {
		ssize_t n = copy_is_overlay(name) ? -1 : lgetxattr(from, name, value, XATTR_SIZE_MAX);
		if (n < 0)
			continue;
		/*
		 * without privilege security.* and trusted.* cannot be set: the copy has less, as with
		 * cp(1)
		 */
		if (owners_set_xattr(-1, to, name, value, (size_t)n) < 0 && errno != EPERM &&
			errno != EOPNOTSUPP)
			return err_sys(err, "set attribute %s", name);
	}
	return 0;
}

/* Owner, mode, attributes, times of `to`/name as of from/name; st is lstat(2) of the source. */
static int copy_about(int from, int to, const char *name, const struct stat *st, struct mc_err *err)
{
	struct timespec times[2] = { st->st_atim, st->st_mtim };
	_cleanup_free_ char *source = xasprintf("/proc/self/fd/%d/%s", from, name),
			    *copy = xasprintf("/proc/self/fd/%d/%s", to, name);
	if (fchownat(to, name, st->st_uid, st->st_gid, AT_SYMLINK_NOFOLLOW) < 0 && errno != EPERM)
		return err_sys(err, "chown %s", name);
	if (!S_ISLNK(st->st_mode) && fchmodat(to, name, st->st_mode & 07777, 0) < 0)
		return err_sys(err, "chmod %s", name);
	int rc = copy_xattrs(source, copy, err);
	if (rc >= 0 && utimensat(to, name, times, AT_SYMLINK_NOFOLLOW) < 0)
		rc = err_sys(err, "set times of %s", name);
	return rc;
}

/* --- one entry --- */

static int copy_file(int from, int to, const char *name, const struct stat *st, struct mc_err *err)
{
	/*
	 * O_NONBLOCK: should the name have become a FIFO since we looked, open(2) must not wait for a
	 * writer
	 */
	_cleanup_close_ int in = openat(from, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (in < 0)
		return err_sys(err, "open %s", name);
	_cleanup_close_ int out =
		openat(to, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (out < 0)
		return err_sys(err, "create %s", name);
	return copy_bytes(in, out, st->st_size, err);
}

static int copy_symlink(int from, int to, const char *name, struct mc_err *err)
{
	char target[PATH_MAX];
	ssize_t n = readlinkat(from, name, target, sizeof(target) - 1);
	if (n < 0)
		return err_sys(err, "readlink %s", name);
	target[n] = '\0';
	return symlinkat(target, to, name) < 0 ? err_sys(err, "symlink %s", name) : 0;
}

/* A further name of an inode whose first one was copied: 1 done, 0 it is the first. */
static int copy_as_link(
	struct copy_job *job, int to, const char *name, const struct stat *st, struct mc_err *err)
{
	if (S_ISDIR(st->st_mode) || st->st_nlink < 2)
		return 0;
	for (size_t i = 0; i < job->n_links; i++)
		if (job->links[i].ino == st->st_ino && job->links[i].dev == st->st_dev)
			return linkat(job->root, job->links[i].path, to, name, 0) < 0
				       ? err_sys(err, "link %s", name)
				       : 1;
	if ((job->n_links & (job->n_links - 1)) == 0)
		job->links =
			xrealloc(job->links, (job->n_links ? job->n_links * 2 : 1) * sizeof(*job->links));
	job->links[job->n_links++] = (struct copy_link){ st->st_dev, st->st_ino,
		xasprintf("%s%s%s", job->path.data, job->path.len ? "/" : "", name) };
	return 0;
}

static int copy_directory(struct copy_job *job, int from, int to, unsigned depth, struct mc_err *err);

static int copy_below(
	struct copy_job *job, int from, int to, const char *name, unsigned depth, struct mc_err *err)
{
	size_t len = job->path.len;
	if (mkdirat(to, name, 0700) < 0)
		return err_sys(err, "mkdir %s", name);
	_cleanup_close_ int in = openat(from, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	_cleanup_close_ int out = openat(to, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (in < 0 || out < 0)
		return err_sys(err, "open directory %s", name);
	buf_addf(&job->path, "%s%s", len ? "/" : "", name);
	int rc = copy_directory(job, in, out, depth + 1, err);
	job->path.len = len;
	job->path.data[len] = '\0';
	return rc;
}

static int copy_entry(
	struct copy_job *job, int from, int to, const char *name, unsigned depth, struct mc_err *err)
{
	struct stat st;
	if (fstatat(from, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : err_sys(err, "stat %s", name);
	if (S_ISSOCK(st.st_mode) || (S_ISDIR(st.st_mode) && st.st_dev != job->dev))
		return 0;
	int rc = copy_as_link(job, to, name, &st, err);
	if (rc != 0)
		return rc < 0 ? rc : 0;
	if (S_ISDIR(st.st_mode))
		rc = copy_below(job, from, to, name, depth, err);
	else if (S_ISREG(st.st_mode))
		rc = copy_file(from, to, name, &st, err);
	else if (S_ISLNK(st.st_mode))
		rc = copy_symlink(from, to, name, err);
	else if (mknodat(to, name, st.st_mode, st.st_rdev) < 0)
		rc = err_sys(err, "mknod %s", name);
	return rc < 0 ? rc : copy_about(from, to, name, &st, err);
}

static int copy_directory(struct copy_job *job, int from, int to, unsigned depth, struct mc_err *err)
{
	_cleanup_strv_ char **names = NULL;
	if (depth > COPY_DEPTH_MAX)
		return err_set(err, ELOOP, "directories are nested more than %d deep", COPY_DEPTH_MAX);
	int rc = dir_list(from, ".", &names, err);
	for (size_t i = 0; rc >= 0 && names && names[i]; i++) {
		rc = copy_entry(job, from, to, names[i], depth, err);
		if (rc < 0)
			err_wrap(err, "copy %s%s%s", job->path.data, job->path.len ? "/" : "", names[i]);
	}
	return rc < 0 ? rc : 0;
}

/* Two descriptors a level: the soft limit of 1024 would end at 500 levels. */
static void copy_allow_descriptors(void)
{
	struct rlimit files;
	if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < files.rlim_max) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
}

int copy_tree(int from, int to, struct mc_err *err)
{
	struct stat st;
	struct copy_job job = { .root = to };
	if (fstat(from, &st) < 0)
		return err_sys(err, "stat the source directory");
	job.dev = st.st_dev;
	buf_adds(&job.path, "");
	copy_allow_descriptors();
	int rc = copy_directory(&job, from, to, 0, err);
	if (rc >= 0)
		rc = copy_about(from, to, ".", &st, err);
	for (size_t i = 0; i < job.n_links; i++)
		free(job.links[i].path);
	free(job.links);
	buf_release(&job.path);
	return rc;
}
