/*
 * file.h - files and directories by descriptor: openat(2), renameat2(2), openat2(2), flock(2).
 *
 * Every function takes a directory descriptor (AT_FDCWD for the current directory). State files are written
 * atomically: temporary file, fsync where asked, rename. Short texts for cgroupfs and procfs go through
 * sys_write_file() instead. Paths from images, archives or containers are resolved with file_open_beneath(),
 * which never leaves its root.
 */
#ifndef MC_BASE_FILE_H
#define MC_BASE_FILE_H

#include <sys/stat.h>
#include <sys/types.h>
#include "base/buf.h"
#include "base/err.h"

enum { FILE_SYNC = 1 }; /* flag of file_write_atomic: fsync the file and its directory */

/* Reads a whole file of at most max bytes into *ret (cleared first). Returns 0; -EFBIG above max. */
int file_read(int dir, const char *path, size_t max, struct buf *ret, struct mc_err *err);
/*
 * The same for a file that we wrote ourselves: -EINVAL when a damaged directory holds something else under
 * its name. Opening a fifo would wait for ever, with the locks that we hold.
 */
int file_read_record(int dir, const char *path, size_t max, struct buf *ret, struct mc_err *err);
/* The same for a descriptor, from its current offset; name only serves messages. */
int file_read_fd(int fd, const char *name, size_t max, struct buf *ret, struct mc_err *err);
/* Creates or replaces path: temporary name in the same directory, then rename(2). */
int file_write_atomic(
	int dir, const char *path, const void *data, size_t len, mode_t mode, int flags, struct mc_err *err);
/* Whether path could be written: asked before long work, not after it. NULL is fine. */
int file_can_write(const char *path, struct mc_err *err);
/* Writes all bytes, going on after EINTR and short writes. */
int file_write_all(int fd, const void *data, size_t len, struct mc_err *err);

/* The bytes as a file without a name (memfd_create(2)), to be read from its start. Returns the descriptor. */
int file_of_bytes(const void *data, size_t len, struct mc_err *err);

/* mkdir -p; existing directories are fine. mode is that of new ones. */
int dir_make(int dir, const char *path, mode_t mode, struct mc_err *err);
/* mkdir -p, then opens it O_DIRECTORY. Returns the descriptor. */
int dir_make_open(int dir, const char *path, mode_t mode, struct mc_err *err);
/* Opens a directory for *at calls and for reading (no O_PATH). Returns the descriptor. */
int dir_open(int dir, const char *path, struct mc_err *err);
/* rm -r that follows no link, crosses no mount point and accepts a missing path. */
int dir_remove(int dir, const char *path, struct mc_err *err);
/* Bytes of a file, or of all files below a directory; 0 when it is missing. No link is followed. */
uint64_t dir_bytes(int dir, const char *path);
/* Names of the entries, sorted, without . and ..; caller strv_free()s *ret. */
int dir_list(int dir, const char *path, char ***ret, struct mc_err *err);
/* Opens the directory path; a missing one is made with mode 0700 when `make` says so. -EPERM unless we or
 * root own it and no other user may write to it: in /tmp another user may have created the name before us. */
int dir_open_own(const char *path, bool make, struct mc_err *err);

/*
 * Resolves path inside root as if root were "/" (openat2(2) RESOLVE_IN_ROOT, no magic links), so that
 * neither ".." nor a symlink from an image leads out of it. flags and mode are those of open(2), plus
 * O_CLOEXEC.
 */
int file_open_beneath(int root, const char *path, int flags, mode_t mode, struct mc_err *err);
/* The same for an existing file, without links: -ELOOP when any part of path is a symlink. */
int file_open_plain(int root, const char *path, int flags, struct mc_err *err);

/*
 * Opens dir/name for reading when it is a regular file. This is the only way to open a file whose name a
 * container can exchange: at any moment the container may put a fifo there, where open(2) would block for
 * ever, or a device that the engine's cgroup does not restrict. So the name is first opened with O_PATH,
 * which does not open the file itself; the type is checked; then the same file is opened by its descriptor.
 * No link is followed. *ret_st is filled when ret_st is not NULL. -EINVAL when it is no regular file.
 */
int file_open_regular(int dir, const char *name, struct stat *ret_st, struct mc_err *err);
/* The same for a path inside root; links are followed as file_open_beneath() does. */
int file_open_regular_beneath(int root, const char *path, struct stat *ret_st, struct mc_err *err);

/* Takes an exclusive flock(2) on path (made when missing, mode 0600). With wait=false a taken lock gives
 * -EWOULDBLOCK. Returns the descriptor; closing it releases the lock. A child of clone(2) inherits the
 * descriptor and must close its copy, or the lock stays taken. */
int file_lock(int dir, const char *path, bool wait, struct mc_err *err);

bool path_exists(int dir, const char *path);
bool path_is_dir(int dir, const char *path);
/* Absolute name of a descriptor by /proc/self/fd; "(fd N)" when readlink(2) fails. Caller frees. */
char *fd_path(int fd);

#endif
