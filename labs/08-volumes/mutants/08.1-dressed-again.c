/* mutant 08.1 M-VOL-TOUCHED: one that exists gets its first mode back */
int volume_create(int store, const char *name, struct mc_err *err)
{
	_cleanup_free_ char *data = xasprintf("%s/data", name);
	struct mc_err made = { 0 };
	int rc = volume_check_name(name, err);
	if (rc < 0)
		return rc;
	rc = sys_mkdir(store, name, 0700, &made); /* what stands in it is reached by the engine only */
	if (rc == 0 || rc == -EEXIST)
		rc = sys_mkdir(store, data, 0755, &made);
	if (rc == 0 || rc == -EEXIST)
		/* mkdir(2) takes the umask away; containers run under other users than the engine's */
		rc = fchmodat(store, data, 0755, 0) < 0 ? err_sys(&made, "chmod %s", data) : 0;
	if (rc < 0 && rc != -EEXIST) {
		*err = made;
		return err_wrap(err, "create volume %s", name);
	}
	return 0;
}
