/* mutant 01.4 M-PIVOT-OLD: the old root is left mounted */
int rootfs_pivot(int root, struct mc_err *err)
{
	int rc;

	if ((rc = sys_fchdir(root, err)) < 0 || (rc = sys_pivot_root(".", ".", err)) < 0)
		return rc;
	return sys_chdir("/", err);
}
