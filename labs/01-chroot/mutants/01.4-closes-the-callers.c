/* mutant 01.4 M-ANY-CLOSED: the caller's descriptor is closed */
int rootfs_pivot(int root, struct mc_err *err)
{
	int rc;
	if ((rc = sys_fchdir(root, err)) < 0)
		return rc;
	if ((rc = sys_pivot_root(".", ".", err)) < 0)
		return rc;
	if ((rc = sys_umount(".", MNT_DETACH, err)) < 0)
		return rc;
	close(root);
	return sys_chdir("/", err);
}
