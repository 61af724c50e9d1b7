/* mutant 01.6 M-READONLY-PLACE: "." in the place of "/" */
int rootfs_set_readonly(struct mc_err *err)
{
	struct statvfs st;
	if (statvfs("/", &st) < 0)
		return err_sys(err, "statvfs /");
	unsigned long flags = MS_REMOUNT | MS_BIND | MS_RDONLY;
	if (st.f_flag & ST_NOSUID)
		flags |= MS_NOSUID;
	if (st.f_flag & ST_NODEV)
		flags |= MS_NODEV;
	if (st.f_flag & ST_NOEXEC)
		flags |= MS_NOEXEC;
	return sys_mount(NULL, ".", NULL, flags, NULL, err);
}
