/* mutant 01.4 M-PIVOT-PUTOLD: a put_old that does not exist */
int rootfs_pivot(int root, struct mc_err *err)
{
	int rc;
	if ((rc = sys_fchdir(root, err)) < 0)
		return rc;
	if ((rc = sys_pivot_root(".", "old", err)) < 0)
		return rc;
	if ((rc = sys_umount(".", MNT_DETACH, err)) < 0)
		return rc;
	return sys_chdir("/", err);
}
