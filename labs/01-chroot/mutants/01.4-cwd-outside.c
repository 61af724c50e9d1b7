/* mutant 01.4 M-PIVOT-CWD: the current directory stays in the old root */
int rootfs_pivot(int root, struct mc_err *err)
{
	_cleanup_close_ int old = sys_open(AT_FDCWD, "/", O_RDONLY | O_DIRECTORY, 0, err);
	int rc;

	if (old < 0)
		return old;
	if ((rc = sys_fchdir(root, err)) < 0 || (rc = sys_pivot_root(".", ".", err)) < 0 ||
		(rc = sys_fchdir(old, err)) < 0)
		return rc;
	return sys_umount(".", MNT_DETACH, err);
}
