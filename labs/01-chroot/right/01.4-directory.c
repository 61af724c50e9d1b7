/* right 01.4: with a directory for the old root, which is removed again */
int rootfs_pivot(int root, struct mc_err *err)
{
	int rc;

	if ((rc = sys_fchdir(root, err)) < 0)
		return rc;
	if (mkdir(".old", 0700) != 0)
		return err_sys(err, "mkdir(\".old\")");
	if ((rc = sys_pivot_root(".", ".old", err)) < 0) {
		rmdir(".old");
		return rc;
	}
	if ((rc = sys_chdir("/", err)) < 0 || (rc = sys_umount("/.old", MNT_DETACH, err)) < 0)
		return rc;
	rmdir("/.old");
	return 0;
}
