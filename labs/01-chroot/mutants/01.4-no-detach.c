/* mutant 01.4 M-PIVOT-BUSY: umount2 without MNT_DETACH */
int rootfs_pivot(int root, struct mc_err *err)
{
	int rc;
	if ((rc = sys_fchdir(root, err)) < 0)
		return rc;
	if ((rc = sys_pivot_root(".", ".", err)) < 0)
		return rc;
	if ((rc = sys_umount(".", 0, err)) < 0)
		return rc;
	return sys_chdir("/", err);
}
