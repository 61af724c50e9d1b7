/* mutant 08.2 M-BIND-LINK: the path is glued from two strings */
int bind_mount(int root, const char *target, int source, bool readonly, struct mc_err *err)
{
	struct stat st;
	struct mount_attr ro = { .attr_set = MOUNT_ATTR_RDONLY };
	if (fstat(source, &st) < 0)
		return err_sys(err, "fstat");
	int rc = readonly ? sys_mount_setattr(source, "", AT_EMPTY_PATH, &ro, err) : 0;
	_cleanup_close_ int made = rc < 0 ? rc : rootfs_target(root, target, !S_ISDIR(st.st_mode), err);
	if (made < 0)
		return made;
	_cleanup_free_ char *path = xasprintf("/proc/self/fd/%d%s", root, target);
	return sys_move_mount(
		source, "", AT_FDCWD, path, MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_SYMLINKS, err);
}
