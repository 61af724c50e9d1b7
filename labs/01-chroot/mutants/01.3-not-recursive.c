/* mutant 01.3 M-BIND-REC: bind without MS_REC */
int rootfs_bind_self(const char *dir, int *ret_root, struct mc_err *err)
{
	int rc = sys_mount(dir, dir, NULL, MS_BIND, NULL, err);

	if (rc < 0)
		return rc;
	*ret_root = sys_open(AT_FDCWD, dir, O_PATH | O_DIRECTORY, 0, err);
	return *ret_root < 0 ? *ret_root : 0;
}
