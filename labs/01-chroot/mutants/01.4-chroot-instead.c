/* mutant 01.4 M-PIVOT-CHROOT: chroot(2) in the place of pivot_root(2) */
int rootfs_pivot(int root, struct mc_err *err)
{
	int rc;
	if ((rc = sys_fchdir(root, err)) < 0)
		return rc;
	if ((rc = sys_chroot(".", err)) < 0)
		return rc;
	return sys_chdir("/", err);
}
