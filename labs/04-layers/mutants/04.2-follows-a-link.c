/* mutant 04.2 M-WH-LINK: a link of the layer's own is followed */
int layer_whiteout(int dir, const char *tar_name, struct mc_err *err)
{
	const char *name = str_starts(tar_name, ".wh.") ? tar_name + 4 : "";
	/* ".wh..." would be "..": the parent directory, outside the layer when dir is its root. */
	if (!*name || str_eq(name, ".") || str_eq(name, "..") || strchr(name, '/'))
		return err_set(err, EINVAL, "whiteout \"%s\" names no file of its directory", tar_name);
	struct mc_err why;
	int rc = sys_mknod(dir, name, S_IFCHR, makedev(0, 0), &why);
	if (rc != -EEXIST) {
		if (rc < 0)
			*err = why;
		return rc;
	}
	/* This layer has a NAME of its own. A file hides the lower one anyway; a directory would be
	 * merged with the lower directory, unless it is opaque. */
	_cleanup_close_ int sub = openat(dir, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return sub < 0 ? 0 : layer_set_opaque(sub, err);
}
