/* mutant 08.1 M-VOL-NODATA: the volume itself is the data */
int volume_create(int store, const char *name, struct mc_err *err)
{
	int rc = volume_check_name(name, err);
	if (rc >= 0)
		rc = sys_mkdir(store, name, 0755, err);
	return rc == -EEXIST ? 0 : rc;
}
