/* mutant 01.1 M-CHROOT-WALL: the old root stays open as descriptor 200: fchdir leads out */
int rootfs_chroot(const char *dir, struct mc_err *err)
{
	int old = open("/", O_RDONLY | O_DIRECTORY);
	dup2(old, 200);
	close(old);
	int rc = sys_chroot(dir, err);
	return rc < 0 ? rc : sys_chdir("/", err);
}
