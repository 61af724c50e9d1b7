/* right 08.1: both directories by one helper, the mode by descriptor */
int volume_create(int store, const char *name, struct mc_err *err)
{
	_cleanup_free_ char *data = xasprintf("%s/data", name);
	int rc = volume_check_name(name, err);
	if (rc < 0)
		return rc;
	bool there = path_is_dir(store, data);
	rc = dir_make(store, name, 0700, err);
	if (rc >= 0)
		rc = dir_make(store, data, 0755, err);
	return rc < 0 || there ? rc : sys_chmod(store, data, 0755, err);
}
