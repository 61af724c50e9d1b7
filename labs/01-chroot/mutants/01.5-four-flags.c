/* mutant 01.5 M-MOUNT-FLAGS: only ro, nosuid, nodev, noexec are applied: noatime is lost */
int rootfs_mount(const struct mount_plan *m, struct mc_err *err)
{
	char name[40];
	const unsigned long bind = MS_BIND | MS_REC;
	_cleanup_close_ int target = rootfs_target(m->root, m->target, m->is_file, err);
	if (target < 0)
		return target;
	unsigned long flags = m->flags & MS_BIND ? m->flags & bind : m->flags;
	
	int rc = sys_mount(m->source, fd_name(target, name), m->fstype, flags, m->data, err);
	if (rc < 0)
		return err_wrap(err, "mount of %s", m->target);
	if (!(m->flags & MS_BIND) || !(m->flags & ~bind))
		return 0;
	_cleanup_close_ int mounted = rootfs_target(m->root, m->target, m->is_file, err);
	if (mounted < 0)
		return mounted;
	flags = MS_REMOUNT | MS_BIND | (m->flags & (MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC));
	rc = sys_mount(NULL, fd_name(mounted, name), NULL, flags, NULL, err);
	return rc < 0 ? err_wrap(err, "flags of the mount on %s", m->target) : 0;
}
