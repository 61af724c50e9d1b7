/* mutant 08.2 M-BIND-RO: read-only is forgotten */
int bind_mount(int root, const char *target, int source, bool readonly, struct mc_err *err)
{
	struct stat st;
	if (fstat(source, &st) < 0)
		return err_sys(err, "fstat");
	_cleanup_close_ int place = rootfs_target(root, target, !S_ISDIR(st.st_mode), err);
	return place < 0 ? place : rootfs_attach_at(source, place, err);
}
