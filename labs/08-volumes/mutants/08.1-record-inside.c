/* mutant 08.1 M-VOL-BESIDE: the engine's note stands where the container's files will be */
int volume_create(int store, const char *name, struct mc_err *err)
{
	_cleanup_free_ char *data = xasprintf("%s/data", name), *note = xasprintf("%s/data/made", name);
	int rc = volume_check_name(name, err);
	if (rc < 0)
		return rc;
	rc = sys_mkdir(store, name, 0700, err);
	if (rc == -EEXIST)
		return 0;
	if (rc >= 0)
		rc = sys_mkdir(store, data, 0755, err);
	if (rc >= 0)
		rc = sys_chmod(store, data, 0755, err);
	return rc < 0 ? rc : sys_mkdir(store, note, 0700, err);
}
