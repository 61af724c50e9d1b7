/*
 * sys_file.c - files and directories, relative to a descriptor: openat(2), openat2(2), mkdirat(2) and others.
 */
#include "base/sys.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/sys_done.h"

int sys_open(int dir, const char *path, int flags, mode_t mode, struct mc_err *err)
{
	return SYS_DONE(
		openat(dir, path, flags | O_CLOEXEC, mode), err, "openat(%d, \"%s\", %#x)", dir, path, flags);
}

int sys_openat2(int dir, const char *path, const struct open_how *how, struct mc_err *err)
{
	return SYS_DONE(syscall(SYS_openat2, dir, path, how, sizeof(*how)), err,
		"openat2(%d, \"%s\", {flags=%#llx, resolve=%#llx})", dir, path,
		(unsigned long long)how->flags, (unsigned long long)how->resolve);
}

int sys_mkdir(int dir, const char *path, mode_t mode, struct mc_err *err)
{
	return SYS_DONE(mkdirat(dir, path, mode), err, "mkdir(\"%s\", %04o)", path, mode);
}

int sys_unlink(int dir, const char *path, struct mc_err *err)
{
	return SYS_DONE(unlinkat(dir, path, 0), err, "unlink(\"%s\")", path);
}

int sys_symlink(const char *target, int dir, const char *path, struct mc_err *err)
{
	return SYS_DONE(symlinkat(target, dir, path), err, "symlink(\"%s\", \"%s\")", target, path);
}

int sys_mknod(int dir, const char *path, mode_t mode, dev_t dev, struct mc_err *err)
{
	return SYS_DONE(mknodat(dir, path, mode, dev), err, "mknod(\"%s\", %#o, %#llx)", path, mode,
		(unsigned long long)dev);
}

int sys_chown(int dir, const char *path, uid_t uid, gid_t gid, int flags, struct mc_err *err)
{
	return SYS_DONE(fchownat(dir, path, uid, gid, flags), err, "chown(\"%s\", %u, %u)", path, uid, gid);
}

int sys_chmod(int dir, const char *path, mode_t mode, struct mc_err *err)
{
	return SYS_DONE(fchmodat(dir, path, mode, 0), err, "chmod(\"%s\", %04o)", path, mode);
}

int sys_chdir(const char *path, struct mc_err *err)
{
	return SYS_DONE(chdir(path), err, "chdir(\"%s\")", path);
}

int sys_fchdir(int fd, struct mc_err *err) { return SYS_DONE(fchdir(fd), err, "fchdir(%d)", fd); }

int sys_rename(int from_dir, const char *from, int to_dir, const char *to, struct mc_err *err)
{
	return SYS_DONE(renameat(from_dir, from, to_dir, to), err, "rename(\"%s\", \"%s\")", from, to);
}

int sys_write_file(int dir, const char *path, const char *text, struct mc_err *err)
{
	int fd = openat(dir, path, O_WRONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : write(fd, text, strlen(text));
	close_fd(fd);
	int rc = SYS_DONE(
		n < 0 ? -1 : 0, err, "write(\"%s\", \"%.*s\")", path, (int)strcspn(text, "\n"), text);
	return rc;
}

int sys_write_text(int fd, const char *shown, const char *text, struct mc_err *err)
{
	ssize_t n = write(fd, text, strlen(text));
	return SYS_DONE(n < 0 ? -1 : 0, err, "write(\"%s\", \"%s\")", shown, text);
}

int sys_pipe(int ret[2], struct mc_err *err)
{
	return SYS_DONE(pipe2(ret, O_CLOEXEC), err, "pipe2(O_CLOEXEC)");
}

int sys_socketpair(int type, int ret[2], struct mc_err *err)
{
	return SYS_DONE(socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, ret), err, "socketpair(AF_UNIX)");
}
