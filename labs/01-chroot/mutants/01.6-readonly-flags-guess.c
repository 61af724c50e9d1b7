/* mutant 01.6 M-READONLY-MORE: nosuid and nodev are always set, asked or not */
int rootfs_set_readonly(struct mc_err *err)
{
	return sys_mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV, NULL, err);
}
