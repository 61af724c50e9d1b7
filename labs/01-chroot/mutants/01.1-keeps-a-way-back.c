/* mutant 01.1 M-CHROOT-WALL: keeps a descriptor of the old root open, trusting chroot to be a wall */
int rootfs_chroot(const char *dir, struct mc_err *err)
{
	int rc, old = open("/", O_RDONLY | O_DIRECTORY);

	if (old < 0)
		return err_sys(err, "open(\"/\")");
	if ((rc = sys_chdir(dir, err)) < 0 || (rc = sys_chroot(".", err)) < 0)
		return rc;
	return 0;
}
