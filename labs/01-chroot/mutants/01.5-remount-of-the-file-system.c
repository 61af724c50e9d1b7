/* mutant 01.5 M-READONLY-SUPER: the remount of a bind without MS_BIND */
int rootfs_mount(const struct mount_plan *m, struct mc_err *err)
{
	_cleanup_close_ int target = rootfs_target(m->root, m->target, m->is_file, err);
	if (target < 0)
		return target;
	char path[40];
	fd_name(target, path);
	int rc = sys_mount(m->source, path, m->fstype, m->flags, m->data, err);
	if (rc < 0)
		return rc;
	if ((m->flags & MS_BIND) && (m->flags & ~(MS_BIND | MS_REC))) {
		_cleanup_close_ int again = rootfs_target(m->root, m->target, m->is_file, err);
		if (again < 0)
			return again;
		fd_name(again, path);
		return sys_mount(NULL, path, NULL, (m->flags & ~(MS_REC | MS_BIND)) | MS_REMOUNT, NULL, err);
	}
	return 0;
}
