/* mutant 01.3 M-BIND-FD: opened before the mount */
int rootfs_bind_self(const char *dir, int *ret_root, struct mc_err *err)
{
	int fd = sys_open(AT_FDCWD, dir, O_PATH | O_DIRECTORY, 0, err);

	if (fd < 0)
		return fd;
	*ret_root = fd;
	return sys_mount(dir, dir, NULL, MS_BIND | MS_REC, NULL, err);
}
