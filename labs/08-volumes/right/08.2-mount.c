/* right 08.2: the place is bound by mount(2) through its descriptor, and remounted before it gets its place */
int bind_mount(int root, const char *target, int source, bool readonly, struct mc_err *err)
{
	struct stat st;
	struct mount_attr ro = { .attr_set = MOUNT_ATTR_RDONLY };
	if (fstat(source, &st) < 0)
		return err_sys(err, "fstat");
	_cleanup_close_ int place = rootfs_target(root, target, !S_ISDIR(st.st_mode), err);
	if (place < 0)
		return place;
	if (readonly && mount_setattr(source, "", AT_EMPTY_PATH | AT_RECURSIVE, &ro, sizeof(ro)) < 0)
		return err_sys(err, "mount_setattr()");
	return move_mount(source, "", place, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0
		       ? err_sys(err, "move_mount()")
		       : 0;
}
