/* right 01.1: chroot first, then into the new root */
int rootfs_chroot(const char *dir, struct mc_err *err)
{
	int rc = sys_chroot(dir, err);

	return rc < 0 ? rc : sys_chdir("/", err);
}
