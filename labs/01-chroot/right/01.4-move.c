/* right 01.4: moves the new root over the old one and chroots into it, as switch_root(8) does */
int rootfs_pivot(int root, struct mc_err *err)
{
	int rc;

	if ((rc = sys_fchdir(root, err)) < 0 || (rc = sys_mount(".", "/", NULL, MS_MOVE, NULL, err)) < 0 ||
		(rc = sys_chroot(".", err)) < 0)
		return rc;
	return sys_chdir("/", err);
}
