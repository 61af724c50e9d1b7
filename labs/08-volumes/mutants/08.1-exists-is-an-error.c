/* mutant 08.1 M-VOL-EXISTS: a volume that exists is an error */
int volume_create(int store, const char *name, struct mc_err *err)
{
	_cleanup_free_ char *data = xasprintf("%s/data", name);
	int rc = volume_check_name(name, err);
	if (rc >= 0)
		rc = sys_mkdir(store, name, 0700, err);
	if (rc >= 0)
		rc = sys_mkdir(store, data, 0755, err);
	return rc < 0 ? rc : sys_chmod(store, data, 0755, err);
}
