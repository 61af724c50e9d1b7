/* mutant 01.3 M-BIND-FLAGS: the new mount is made read-only too: later steps make directories in it */
int rootfs_bind_self(const char *dir, int *ret_root, struct mc_err *err)
{
	int rc = sys_mount(dir, dir, NULL, MS_BIND | MS_REC, NULL, err);
	if (rc == 0)
		rc = sys_mount(NULL, dir, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL, err);
	if (rc == 0)
		rc = sys_open(AT_FDCWD, dir, O_PATH | O_DIRECTORY, 0, err);
	if (rc < 0)
		return rc;
	*ret_root = rc;
	return 0;
}
