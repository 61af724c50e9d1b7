/* mutant 01.3 M-ANY-IGNORED: mount's answer is not looked at, only that of open */
int rootfs_bind_self(const char *dir, int *ret_root, struct mc_err *err)
{
	mount(dir, dir, "none", MS_BIND | MS_REC | MS_RDONLY, NULL);
	int rc = sys_open(AT_FDCWD, dir, O_RDONLY | O_DIRECTORY, 0, err);
	return rc < 0 ? rc : (*ret_root = rc, 0);
}
