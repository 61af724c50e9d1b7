/* mutant 08.1 M-VOL-CLIMB: any name becomes a directory */
int volume_create(int store, const char *name, struct mc_err *err)
{
	_cleanup_free_ char *data = xasprintf("%s/data", name);
	int rc = dir_make(store, data, 0755, err);
	return rc < 0 ? rc : sys_chmod(store, data, 0755, err);
}
