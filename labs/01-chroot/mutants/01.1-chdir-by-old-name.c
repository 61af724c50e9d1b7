/* mutant 01.1 M-CHROOT-NAME: chdir by the host's name of the new root */
int rootfs_chroot(const char *dir, struct mc_err *err)
{
	int rc = sys_chroot(dir, err);
	return rc < 0 ? rc : sys_chdir(dir, err);
}
