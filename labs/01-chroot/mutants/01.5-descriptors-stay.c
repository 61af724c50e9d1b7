/* mutant 01.5 M-ANY-CLOEXEC: the target's descriptors are never closed, and not O_CLOEXEC */
int rootfs_mount(const struct mount_plan *m, struct mc_err *err)
{
	char name[40];
	int t = rootfs_target(m->root, m->target, m->is_file, err);
	if (t < 0)
		return t;
	t = dup(t);
	unsigned long flags = m->flags & MS_BIND ? m->flags & (MS_BIND | MS_REC) : m->flags;
	int rc = sys_mount(m->source, fd_name(t, name), m->fstype, flags, m->data, err);
	if (rc < 0 || !(m->flags & MS_BIND))
		return rc;
	int u = dup(rootfs_target(m->root, m->target, m->is_file, err));
	return sys_mount(NULL, fd_name(u, name), NULL, MS_REMOUNT | MS_BIND | (m->flags & ~(unsigned long)MS_REC), NULL, err);
}
