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
	return sys_mount(m->source, path, m->fstype, m->flags, m->data, err);
}
