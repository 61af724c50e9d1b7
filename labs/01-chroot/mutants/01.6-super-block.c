/* mutant 01.6 M-READONLY-SUPER: remounts the super block */
int rootfs_set_readonly(struct mc_err *err)
{
	return sys_mount(NULL, "/", NULL, MS_REMOUNT | MS_RDONLY, NULL, err);
}
