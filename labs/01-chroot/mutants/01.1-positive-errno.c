/* mutant 01.1 M-ANY-POSITIVE: errno without the minus */
int rootfs_chroot(const char *dir, struct mc_err *err)
{
	int rc = sys_chroot(dir, err);
	return rc < 0 ? errno : sys_chdir("/", err);
}
