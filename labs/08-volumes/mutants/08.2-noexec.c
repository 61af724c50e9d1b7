/* mutant 08.2 M-BIND-MORE: more flags than were asked for */
int bind_mount(int root, const char *target, int source, bool readonly, struct mc_err *err)
{
	struct stat st;
	struct mount_attr ro = { .attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOEXEC | MOUNT_ATTR_NOSUID };
	if (fstat(source, &st) < 0)
		return err_sys(err, "fstat");
	int rc = readonly ? sys_mount_setattr(source, "", AT_EMPTY_PATH, &ro, err) : 0;
	if (rc < 0)
		return rc;
	_cleanup_close_ int place = rootfs_target(root, target, !S_ISDIR(st.st_mode), err);
	return place < 0 ? place : rootfs_attach_at(source, place, err);
}
