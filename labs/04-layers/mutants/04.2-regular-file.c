/* mutant 04.2 M-WH-KIND: an empty file in the place of the device */
int layer_whiteout(int dir, const char *tar_name, struct mc_err *err)
{
	if (!str_starts(tar_name, ".wh."))
		return err_set(err, EINVAL, "%s is no whiteout", tar_name);
	const char *name = tar_name + 4;
	if (!*name || str_eq(name, ".") || str_eq(name, "..") || strchr(name, '/'))
		return err_set(err, EINVAL, "%s leads elsewhere", tar_name);
	struct stat st;
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0) {
		if (!S_ISDIR(st.st_mode))
			return 0;
		_cleanup_close_ int sub = sys_open(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0, err);
		if (sub < 0)
			return sub;
		return layer_set_opaque(sub, err);
	}
	if (errno != ENOENT)
		return err_sys(err, "stat %s", name);
	return sys_mknod(dir, name, S_IFREG, 0, err);
}
