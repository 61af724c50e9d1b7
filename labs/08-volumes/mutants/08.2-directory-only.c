/* mutant 08.2 -: a file is mounted on a directory */
int bind_mount(int root, const char *target, int source, bool readonly, struct mc_err *err)
{
	struct mount_attr ro = { .attr_set = MOUNT_ATTR_RDONLY };
	int rc = readonly ? sys_mount_setattr(source, "", AT_EMPTY_PATH, &ro, err) : 0;
	_cleanup_close_ int place = rc < 0 ? rc : rootfs_target(root, target, false, err);
	return place < 0 ? place : rootfs_attach_at(source, place, err);
}
