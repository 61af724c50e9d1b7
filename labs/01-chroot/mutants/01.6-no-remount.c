/* mutant 01.6 M-READONLY-NEW: MS_REMOUNT is missing */
int rootfs_set_readonly(struct mc_err *err)
{
	return sys_mount(NULL, "/", NULL, MS_BIND | MS_RDONLY, NULL, err);
}
