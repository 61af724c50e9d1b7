/* mutant 01.4 M-PIVOT-ORDER: unmount before pivot */
int rootfs_pivot(int root, struct mc_err *err)
{
	int rc;

	if ((rc = sys_umount("/", MNT_DETACH, err)) < 0 || (rc = sys_fchdir(root, err)) < 0 ||
		(rc = sys_pivot_root(".", ".", err)) < 0)
		return rc;
	return sys_chdir("/", err);
}
