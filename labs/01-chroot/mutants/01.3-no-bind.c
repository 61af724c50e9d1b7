/* mutant 01.3 M-BIND-NONE: no bind at all */
int rootfs_bind_self(const char *dir, int *ret_root, struct mc_err *err)
{
	*ret_root = sys_open(AT_FDCWD, dir, O_PATH | O_DIRECTORY, 0, err);
	return *ret_root < 0 ? *ret_root : 0;
}
