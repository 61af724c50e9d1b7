/* mutant 04.2 M-WH-CLIMB: any name is accepted */
int layer_whiteout(int dir, const char *tar_name, struct mc_err *err)
{
	int rc = sys_mknod(dir, tar_name + 4, S_IFCHR, makedev(0, 0), err);

	return rc == -EEXIST ? 0 : rc;
}
