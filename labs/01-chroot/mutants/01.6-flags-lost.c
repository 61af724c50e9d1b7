/* mutant 01.6 M-READONLY-FLAGS: the other flags of the mount are lost */
int rootfs_set_readonly(struct mc_err *err)
{
	return sys_mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL, err);
}
