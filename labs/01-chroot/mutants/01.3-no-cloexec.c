/* mutant 01.3 M-ANY-CLOEXEC: the descriptor is not O_CLOEXEC: the container's program inherits it */
int rootfs_bind_self(const char *dir, int *ret_root, struct mc_err *err)
{
	int rc = sys_mount(dir, dir, NULL, MS_BIND | MS_REC, NULL, err);
	if (rc < 0)
		return rc;
	*ret_root = open(dir, O_PATH | O_DIRECTORY);
	return *ret_root < 0 ? err_sys(err, "open") : 0;
}
