/* mutant 01.5 M-MOUNT-FLAGS: flags forgotten */
int rootfs_mount(const struct mount_plan *m, struct mc_err *err)
{
	char path[64];
	_cleanup_close_ int at = rootfs_target(m->root, m->target, m->is_file, err);

	if (at < 0)
		return at;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", at);
	return sys_mount(m->source, path, m->fstype, m->flags & (MS_BIND | MS_REC), m->data, err);
}
