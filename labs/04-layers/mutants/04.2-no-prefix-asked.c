/* mutant 04.2 M-WH-PREFIX: the prefix is not looked at: four letters of any name are cut */
int layer_whiteout(int dir, const char *tar_name, struct mc_err *err)
{
	const char *n = strlen(tar_name) > 4 ? tar_name + 4 : "";
	if (!*n || str_eq(n, ".") || str_eq(n, "..") || strchr(n, '/'))
		return err_set(err, EINVAL, "bad name");
	struct mc_err e;
	int rc = sys_mknod(dir, n, S_IFCHR, 0, &e);
	if (rc == -EEXIST) {
		int sub = openat(dir, n, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		rc = sub < 0 ? 0 : layer_set_opaque(sub, err);
		close_fd(sub);
	}
	return rc;
}
