/* mutant 08.1 M-VOL-UMASK: the umask of the caller decides */
int volume_create(int store, const char *name, struct mc_err *err)
{
	_cleanup_free_ char *data = xasprintf("%s/data", name);
	int rc = volume_check_name(name, err);
	if (rc < 0)
		return rc;
	rc = sys_mkdir(store, name, 0700, err);
	if (rc >= 0 || rc == -EEXIST)
		rc = sys_mkdir(store, data, 0755, err);
	return rc == -EEXIST ? 0 : rc;
}
