/*
 * private_dir.c - see private_dir.h.
 *
 * Kernel objects and man pages: fstat(2), fchmod(2), path_resolution(7), sticky bit (inode(7)).
 * Why: an image's set-uid program that every user can reach is a way to become root (CVE-2021-41091), and
 * a config.json in another user's directory names a program that the engine would run as root. Every check
 * uses the open descriptor, so that the directory that was checked is the one that is used.
 */
#include "base/private_dir.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/file.h"

static bool is_trusted_owner(const struct stat *st) { return st->st_uid == geteuid() || st->st_uid == 0; }

static bool is_empty(int fd)
{
	struct mc_err ignored = { 0 };
	_cleanup_strv_ char **names = NULL;
	return dir_list(fd, ".", &names, &ignored) >= 0 && !strv_len(names);
}

static int check_private(int fd, const char *path, struct mc_err *err)
{
	struct stat st;
	if (fstat(fd, &st) < 0)
		return err_sys(err, "stat %s", path);
	if (!is_trusted_owner(&st)) {
		err_set(err, EPERM,
			"%s belongs to user %u: not used, because its content decides what is run", path,
			(unsigned)st.st_uid);
		return err_hint(err, "take a directory of your own (--root, MINICTR_ROOT)");
	}
	if (!(st.st_mode & 077) || st.st_uid != geteuid())
		return 0;
	bool writable = st.st_mode & 022;
	if (writable && !is_empty(fd)) {
		err_set(err, EPERM,
			"%s can be written by others (mode %03o): not used, because its content decides what "
			"is run",
			path, (unsigned)(st.st_mode & 07777));
		return err_hint(err, "if all in it is yours: chmod 700 %s", path);
	}
	if (fchmod(fd, 0700) < 0)
		return err_sys(err, "chmod 0700 %s", path);
	/* Another user may have created a file between the first check and the chmod. */
	if (writable && !is_empty(fd))
		return err_set(err, EPERM, "%s was written to by another user just now: not used", path);
	return 0;
}

/*
 * Inside a user namespace the host's root is an unmapped user (user_namespaces(7)): the owner of / cannot be
 * checked there.
 */
static bool sees_all_users(void)
{
	struct mc_err ignored = { 0 };
	_cleanup_buf_ struct buf map = { 0 };
	unsigned inside, outside, count;
	if (file_read(AT_FDCWD, "/proc/self/uid_map", 4096, &map, &ignored) < 0 || !map.data)
		return true;
	return sscanf(map.data, "%u %u %u", &inside, &outside, &count) != 3 || count == UINT32_MAX;
}

/* Checks every directory above path. In a sticky one (/tmp) users can rename only their own entries. */
static int check_above(const char *path, struct mc_err *err)
{
	_cleanup_free_ char *above = xstrdup(path);
	for (char *slash; (slash = strrchr(above, '/'));) {
		struct stat st;
		slash[slash == above] = '\0';
		if (stat(above, &st) < 0)
			return err_sys(err, "stat %s", above);
		bool shared = (st.st_mode & 022) && !(st.st_mode & S_ISVTX);
		if ((!is_trusted_owner(&st) || shared) && sees_all_users()) {
			err_set(err, EPERM,
				"%s, above %s, %s %u: not used, because that user could put another "
				"directory in its place",
				above, path,
				shared ? "can be written by others than user" : "belongs to user",
				(unsigned)st.st_uid);
			return err_hint(
				err, "take a directory that only root can reach (--root, MINICTR_ROOT)");
		}
		if (above[1] == '\0')
			return 0;
	}
	return 0;
}

/* Where an open file is, for messages and check_above(): links are resolved (proc_pid_fd(5)). */
static char *real_path_of(int fd)
{
	char link[64], path[PATH_MAX];
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	ssize_t n = readlink(link, path, sizeof(path));
	return n > 0 && n < (ssize_t)sizeof(path) ? xstrndup(path, (size_t)n) : NULL;
}

static bool is_link(int dir, const char *path)
{
	struct stat st;
	return fstatat(dir, path, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(st.st_mode);
}

/*
 * What is above a name below dir was checked when dir was opened. A link may lead to a larger disk, but not
 * to a place where another user can exchange what it names; nor may the name of a file anywhere.
 */
static int check_place(int dir, const char *path, const char *real, struct mc_err *err)
{
	bool elsewhere = dir == AT_FDCWD || is_link(dir, path);
	return getuid() == 0 && real && elsewhere ? check_above(real, err) : 0;
}

int dir_open_private(int dir, const char *path, struct mc_err *err)
{
	_cleanup_close_ int fd = openat(dir, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		fd = dir_make_open(dir, path, 0700, err);
	else if (fd < 0)
		return err_sys(err, "open directory %s", path);
	if (fd < 0)
		return fd;
	_cleanup_free_ char *real = real_path_of(fd);
	int rc = check_private(fd, real ? real : path, err);
	if (rc >= 0)
		rc = check_place(dir, path, real, err);
	return rc < 0 ? rc : take_fd(&fd);
}

int file_check_trusted(int dir, const char *path, struct mc_err *err)
{
	struct stat st;
	_cleanup_close_ int fd = openat(dir, path, O_PATH | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		return err_sys(err, "open %s", path);
	_cleanup_free_ char *real = real_path_of(fd);
	if (is_trusted_owner(&st) && !(st.st_mode & 022))
		return check_place(dir, path, real, err);
	err_set(err, EPERM,
		"%s belongs to another user or can be written by others: not used, because it "
		"decides what runs here",
		real ? real : path);
	return err_hint(err, "if what it says is yours: make it root's, mode 600");
}

int dir_open_trusted(const char *path, char **ret_path, struct mc_err *err)
{
	int fd = dir_open_private(AT_FDCWD, path, err);
	if (fd < 0)
		return fd;
	char *real = realpath(path, NULL);
	if (!real) {
		close_fd(fd);
		return err_sys(err, "realpath(\"%s\")", path);
	}
	*ret_path = real;
	return fd;
}
