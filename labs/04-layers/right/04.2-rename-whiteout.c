/* right 04.2: the kernel makes the node itself: renameat2 with RENAME_WHITEOUT of a helper file */
#include <stdio.h>
int layer_whiteout(int dir, const char *tar_name, struct mc_err *err)
{
	const char *n = str_starts(tar_name, ".wh.") ? tar_name + 4 : "";
	if (!*n || str_eq(n, ".") || str_eq(n, "..") || strchr(n, '/'))
		return err_set(err, EINVAL, "bad name");
	struct stat st;
	if (fstatat(dir, n, &st, AT_SYMLINK_NOFOLLOW) == 0) {
		int sub = S_ISDIR(st.st_mode) ? openat(dir, n, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) : -1;
		int rc = sub < 0 ? 0 : layer_set_opaque(sub, err);
		close_fd(sub);
		return rc;
	}
	close_fd(openat(dir, n, O_CREAT | O_EXCL | O_CLOEXEC, 0600));
	if (renameat2(dir, n, dir, ".helper-of-whiteout", RENAME_WHITEOUT) < 0) {
		unlinkat(dir, n, 0);
		return sys_mknod(dir, n, S_IFCHR, makedev(0, 0), err);
	}
	return unlinkat(dir, ".helper-of-whiteout", 0) < 0 ? err_sys(err, "unlink") : 0;
}
