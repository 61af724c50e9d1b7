/* mutant 04.1 M-OV-DETACHED: without a target only a single layer is returned, more are closed */
int overlay_mount(const struct layers *l, const char *target, struct mc_err *err)
{
	explain_step("overlay.mount", 4,
		"the image's layers and the container's own become one tree; nothing is copied");
	_cleanup_close_ int mnt = -1;
	if (!l->upper && l->lower[0] && !l->lower[1]) {
		mnt = single_layer(l->lower[0], err);
	} else if (!can_add_layers(l)) {
		mnt = overlay_mount_links(l, err);
	} else {
		_cleanup_close_ int fs = sys_fsopen("overlay", err);
		int rc = fs < 0 ? fs : configure(fs, l, err);
		if (rc < 0)
			return rc;
		mnt = sys_fsmount(fs, 0, err);
	}
	if (mnt < 0)
		return mnt;
	if (!target && !l->upper)
		return take_fd(&mnt);
	if (!target)
		return 0;
	/* A detached mount has no place yet; this gives it one. */
	return sys_move_mount(mnt, "", AT_FDCWD, target, MOVE_MOUNT_F_EMPTY_PATH, err);
}
