/* mutant 01.5 M-MOUNT-PROC: the /proc of the host's pid namespace */
int rootfs_mount(const struct mount_plan *m, struct mc_err *err)
{
	char path[64];
	_cleanup_close_ int at = rootfs_target(m->root, m->target, m->is_file, err);

	if (at < 0)
		return at;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", at);
	if (m->fstype && strcmp(m->fstype, "proc") == 0)
		return sys_mount("/proc", path, NULL, MS_BIND | MS_REC, NULL, err);
	int rc = sys_mount(m->source, path, m->fstype, m->flags, m->data, err);
	if (rc == 0 && m->flags & MS_BIND && m->flags & MS_RDONLY) {
		int fd = rootfs_target(m->root, m->target, m->is_file, err);
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		rc = sys_mount(NULL, path, NULL, MS_REMOUNT | m->flags, NULL, err);
		close(fd);
	}
	return rc;
}
