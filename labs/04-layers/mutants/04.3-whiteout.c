/* mutant 04.3 M-OPQ-WHITEOUT: the directory is replaced by a whiteout */
#include <stdio.h>

int layer_set_opaque(int dir, struct mc_err *err)
{
	char link[64], path[512] = "", moved[600];

	snprintf(link, sizeof(link), "/proc/self/fd/%d", dir);
	if (readlink(link, path, sizeof(path) - 1) < 0)
		return err_set(err, EBADF, "no directory");
	snprintf(moved, sizeof(moved), "%s.gone", path);
	if (rename(path, moved) < 0)
		return err_sys(err, "rename");
	return sys_mknod(AT_FDCWD, path, S_IFCHR, makedev(0, 0), err);
}
