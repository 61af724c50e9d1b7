/* mutant 01.3 M-BIND-FLAG: MS_BIND is forgotten */
int rootfs_bind_self(const char *dir, int *ret_root, struct mc_err *err)
{
	int rc = sys_mount(dir, dir, NULL, MS_REC, NULL, err);
	if (rc < 0)
		return rc;
	int fd = sys_open(AT_FDCWD, dir, O_PATH | O_DIRECTORY | O_CLOEXEC, 0, err);
	if (fd < 0)
		return fd;
	*ret_root = fd;
	return 0;
}
