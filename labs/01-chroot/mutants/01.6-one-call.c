/* mutant 01.6 M-READONLY-ONECALL: MS_BIND and MS_RDONLY in one call */
int rootfs_set_readonly(struct mc_err *err)
{
	return sys_mount("/", "/", NULL, MS_BIND | MS_RDONLY, NULL, err);
}
