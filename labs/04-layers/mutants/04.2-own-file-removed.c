/* mutant 04.2 M-WH-OWN: a NAME that this layer itself brought is removed for the whiteout */
int layer_whiteout(int dir, const char *tar_name, struct mc_err *err)
{
	const char *n = tar_name + 4;
	if (!*n || str_eq(n, ".") || str_eq(n, "..") || strchr(n, '/'))
		return err_set(err, EINVAL, "bad name");
	unlinkat(dir, n, 0);
	return sys_mknod(dir, n, S_IFCHR, makedev(0, 0), err);
}
