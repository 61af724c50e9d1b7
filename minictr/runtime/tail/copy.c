/*
 * tail/copy.c - copies a directory's contents into an empty one: for tmpcopyup. Owners, modes and links are
 * kept.
 *
 * Both sides are descriptors inside the container's root, names are never followed (O_NOFOLLOW). Left out:
 * times, extended attributes, hard links (each name becomes a separate file).
 */
#include "runtime/tail/config_keys.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/sys.h"

static int copy_file(int from, int to, const char *name, const struct stat *st, struct mc_err *err)
{
	_cleanup_close_ int in = sys_open(from, name, O_RDONLY | O_NOFOLLOW, 0, err);
	_cleanup_close_ int out = in < 0 ? -1
					 : sys_open(to, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW,
						   st->st_mode & 07777, err);
	if (out < 0)
		return -err->code;
	for (;;) {
		ssize_t n = sendfile(out, in, NULL, 1 << 20);
		if (n < 0)
			return err_sys(err, "copying %s", name);
		if (!n)
			break;
	}
	if (fchown(out, st->st_uid, st->st_gid) < 0 || fchmod(out, st->st_mode & 07777) < 0)
		return err_sys(err, "copying %s", name);
	return 0;
}

static int copy_link(int from, int to, const char *name, const struct stat *st, struct mc_err *err)
{
	char target[4096];
	ssize_t n = readlinkat(from, name, target, sizeof(target) - 1);
	if (n < 0)
		return err_sys(err, "readlink(\"%s\")", name);
	target[n] = '\0';
	int rc = sys_symlink(target, to, name, err);
	return rc < 0 ? rc : sys_chown(to, name, st->st_uid, st->st_gid, AT_SYMLINK_NOFOLLOW, err);
}

static int copy_dir(int from, int to, const char *name, const struct stat *st, struct mc_err *err)
{
	int rc = sys_mkdir(to, name, st->st_mode & 07777, err);
	if (rc < 0)
		return rc;
	_cleanup_close_ int in = sys_open(from, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0, err);
	_cleanup_close_ int out =
		in < 0 ? -1 : sys_open(to, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0, err);
	if (out < 0)
		return -err->code;
	if (fchown(out, st->st_uid, st->st_gid) < 0 || fchmod(out, st->st_mode & 07777) < 0)
		return err_sys(err, "copying %s", name);
	return copy_up_tree(in, out, err);
}

static int copy_one(int from, int to, const char *name, struct mc_err *err)
{
	struct stat st;
	if (fstatat(from, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return err_sys(err, "stat(\"%s\")", name);
	if (S_ISDIR(st.st_mode))
		return copy_dir(from, to, name, &st, err);
	if (S_ISLNK(st.st_mode))
		return copy_link(from, to, name, &st, err);
	if (S_ISREG(st.st_mode))
		return copy_file(from, to, name, &st, err);
	return sys_mknod(to, name, st.st_mode, st.st_rdev, err);
}

int copy_up_tree(int from, int to, struct mc_err *err)
{
	int fd = openat(from, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC); /* from may be O_PATH */
	_cleanup_close_ int out = openat(to, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_closedir_ DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	int rc = 0;
	if (!dir || out < 0) {
		err_sys(err, "opening a directory to copy");
		if (!dir)
			close_fd(fd);
		return -err->code;
	}
	for (struct dirent *e; rc >= 0 && (e = readdir(dir));)
		if (!str_eq(e->d_name, ".") && !str_eq(e->d_name, ".."))
			rc = copy_one(dirfd(dir), out, e->d_name, err);
	return rc < 0 ? rc : 0;
}
