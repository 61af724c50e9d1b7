/* mutant 01.4 M-PIVOT-FD: a descriptor of the old root stays open over exec */
int rootfs_pivot(int root, struct mc_err *err)
{
	int rc, old = open("/", O_RDONLY | O_DIRECTORY);

	if (old < 0)
		return err_sys(err, "open(\"/\")");
	if ((rc = sys_fchdir(root, err)) < 0 || (rc = sys_pivot_root(".", ".", err)) < 0 ||
		(rc = sys_umount(".", MNT_DETACH, err)) < 0)
		return rc;
	return sys_chdir("/", err);
}
