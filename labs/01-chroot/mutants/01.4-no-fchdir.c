/* mutant 01.4 M-PIVOT-WHERE: "." is the caller's directory */
int rootfs_pivot(int root, struct mc_err *err)
{
	int rc;
	(void)root;
	if ((rc = sys_pivot_root(".", ".", err)) < 0)
		return rc;
	if ((rc = sys_umount(".", MNT_DETACH, err)) < 0)
		return rc;
	return sys_chdir("/", err);
}
