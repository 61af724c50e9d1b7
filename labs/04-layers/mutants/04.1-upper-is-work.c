/* mutant 04.1 M-OV-SWAPPED: upper and work are exchanged */
int overlay_mount(const struct layers *l, const char *target, struct mc_err *err)
{
	int fd;
	if (l->upper) { struct layers w = *l; w.upper = l->work; w.work = l->upper; fd = overlay_mount_links(&w, err); } else
	if (!l->upper && !l->lower[1])
		fd = single_layer(l->lower[0], err);
	else if (!can_add_layers(l))
		fd = overlay_mount_links(l, err);
	else {
		_cleanup_close_ int fs = sys_fsopen("overlay", err);
		if (fs < 0)
			return fs;
		int rc = configure(fs, l, err);
		if (rc < 0)
			return rc;
		fd = sys_fsmount(fs, l->upper ? 0 : MOUNT_ATTR_RDONLY, err);
	}
	if (fd < 0 || !target)
		return fd;
	int rc = sys_move_mount(fd, "", AT_FDCWD, target, MOVE_MOUNT_F_EMPTY_PATH, err);
	close(fd);
	return rc;
}
