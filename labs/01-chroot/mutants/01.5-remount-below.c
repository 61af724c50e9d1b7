/* mutant 01.5 M-MOUNT-FD: remounts by the descriptor from before the mount */
int rootfs_mount(const struct mount_plan *m, struct mc_err *err)
{
	char path[64];
	_cleanup_close_ int at = rootfs_target(m->root, m->target, m->is_file, err);

	if (at < 0)
		return at;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", at);
	int rc = sys_mount(m->source, path, m->fstype, m->flags, m->data, err);
	if (rc == 0 && m->flags & MS_BIND && m->flags & MS_RDONLY)
		rc = sys_mount(NULL, path, NULL, MS_REMOUNT | m->flags, NULL, err);
	return rc;
}
