/*
 * copy_bytes.c - the content of one file, and its extended attributes.
 *
 * Kernel objects and man pages: ioctl_ficlone(2), copy_file_range(2), lseek(2) SEEK_DATA, xattr(7). Order
 * and why: a reflink shares the blocks and costs nothing (btrfs, XFS); copy_file_range lets the kernel
 * copy without a buffer of ours; plain read and write is what remains (other file systems, /proc). Holes
 * are looked for only when the file has fewer blocks than bytes.
 */
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/file.h"
#include "build/copy_into.h"
#include "build/state.h"

static int copy_plain(int from, int to, off_t at, off_t end, const char *name, struct mc_err *err)
{
	enum { CHUNK = 128 * 1024 };
	_cleanup_free_ char *chunk = xmalloc(CHUNK);
	while (at < end) {
		ssize_t n = pread(from, chunk, end - at < CHUNK ? (size_t)(end - at) : CHUNK, at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(err, "read %s", name);
		if (n == 0) /* shorter than it was: the stat afterwards tells */
			return 0;
		for (ssize_t done = 0, w; done < n; done += w)
			if ((w = pwrite(to, chunk + done, (size_t)(n - done), at + done)) < 0)
				return err_sys(err, "write %s", name);
		at += n;
	}
	return 0;
}

static int copy_range(int from, int to, off_t at, off_t end, const char *name, struct mc_err *err)
{
	/* In pieces: a file of gigabytes would not hear of Ctrl-C. */
	enum { PIECE = 16 << 20 };
	off_t out = at;
	while (at < end) {
		if (build_canceled())
			return err_set(err, ECANCELED, "canceled");
		ssize_t n = copy_file_range(
			from, &at, to, &out, end - at < PIECE ? (size_t)(end - at) : PIECE, 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && (errno == ENOSPC || errno == EDQUOT || errno == EIO))
			return err_sys(err, "copy %s", name);
		if (n <= 0)
			return copy_plain(from, to, at, end, name, err);
	}
	return 0;
}

int copy_bytes(int from, int to, off_t size, const char *name, struct mc_err *err)
{
	struct stat st;
	if (size == 0)
		return 0;
	if (ioctl(to, FICLONE, from) == 0)
		return 0;
	if (fstat(from, &st) < 0 || st.st_blocks * 512 >= size)
		return copy_range(from, to, 0, size, name, err);
	for (off_t at = 0; at < size;) {
		off_t data = lseek(from, at, SEEK_DATA);
		if (data < 0 && errno == ENXIO)
			break;
		off_t end = data < 0 ? -1 : lseek(from, data, SEEK_HOLE);
		if (end < 0)
			return copy_range(from, to, at, size, name, err);
		int rc = copy_range(from, to, data, end < size ? end : size, name, err);
		if (rc < 0)
			return rc;
		at = end;
	}
	return ftruncate(to, size) < 0 ? err_sys(err, "truncate %s", name) : 0;
}

/* overlayfs keeps its own marks in attributes; SELinux labels belong to the host. */
static bool attribute_travels(const char *name)
{
	return !str_starts(name, "trusted.overlay.") && !str_starts(name, "user.overlay.") &&
	       !str_eq(name, "security.selinux");
}

int copy_xattrs(int from_dir, const char *from, int to_dir, const char *to, struct mc_err *err)
{
	/* lgetxattr(2) takes paths only; /proc/self/fd makes one of directory and name */
	_cleanup_free_ char *source = xasprintf("/proc/self/fd/%d/%s", from_dir, from);
	_cleanup_free_ char *target = xasprintf("/proc/self/fd/%d/%s", to_dir, to);
	ssize_t size = llistxattr(source, NULL, 0);
	if (size <= 0)
		return 0;
	_cleanup_free_ char *names = xmalloc((size_t)size);
	size = llistxattr(source, names, (size_t)size);
	for (ssize_t at = 0; at < size; at += (ssize_t)strlen(names + at) + 1) {
		const char *name = names + at;
		ssize_t len = attribute_travels(name) ? lgetxattr(source, name, NULL, 0) : -1;
		if (len < 0)
			continue;
		_cleanup_free_ char *value = xmalloc((size_t)len + 1);
		len = lgetxattr(source, name, value, (size_t)len);
		if (len >= 0 && lsetxattr(target, name, value, (size_t)len, 0) < 0 && errno != ENOTSUP)
			return err_sys(err, "set attribute %s of %s", name, to);
	}
	return 0;
}
