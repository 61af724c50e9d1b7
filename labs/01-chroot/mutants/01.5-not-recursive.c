/* mutant 01.5 M-MOUNT-REC: MS_REC is lost */
int rootfs_mount(const struct mount_plan *m, struct mc_err *err)
{
	char name[40];
	_cleanup_close_ int target = rootfs_target(m->root, m->target, m->is_file, err);
	if (target < 0)
		return target;
	unsigned long more = m->flags & ~(unsigned long)(MS_BIND | MS_REC);
	int rc = sys_mount(m->source, fd_name(target, name), m->fstype, m->flags & MS_BIND ? MS_BIND : m->flags, m->data, err);
	if (rc < 0 || !(m->flags & MS_BIND) || !more)
		return rc;
	_cleanup_close_ int mounted = rootfs_target(m->root, m->target, m->is_file, err);
	return mounted < 0 ? mounted : sys_mount(NULL, fd_name(mounted, name), NULL, MS_REMOUNT | MS_BIND | more, NULL, err);
}
