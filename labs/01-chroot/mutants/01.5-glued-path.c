/* mutant 01.5 M-MOUNT-LINK: paths glued together, links followed */
static void make_parents(char *path, bool is_file)
{
	for (char *p = strchr(path + 16, '/'); p; p = strchr(p + 1, '/')) {
		*p = '\0';
		mkdir(path, 0755);
		*p = '/';
	}
	if (!is_file)
		mkdir(path, 0755);
	else
		close(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
}

int rootfs_mount(const struct mount_plan *m, struct mc_err *err)
{
	char path[4096];

	snprintf(path, sizeof(path), "/proc/self/fd/%d%s", m->root, m->target);
	make_parents(path, m->is_file);
	int rc = sys_mount(m->source, path, m->fstype, m->flags, m->data, err);
	if (rc == 0 && m->flags & MS_BIND && m->flags & ~(unsigned long)(MS_BIND | MS_REC))
		rc = sys_mount(NULL, path, NULL, MS_REMOUNT | m->flags, NULL, err);
	return rc;
}
