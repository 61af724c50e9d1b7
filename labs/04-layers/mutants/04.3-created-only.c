/* mutant 04.3 M-OPQ-TWICE: XATTR_CREATE: marking a directory twice is an error */
int layer_set_opaque(int dir, struct mc_err *err)
{
	if (fsetxattr(dir, "trusted.overlay.opaque", "y", 1, XATTR_CREATE) == 0)
		return 0;
	if (errno == EPERM && fsetxattr(dir, "user.overlay.opaque", "y", 1, XATTR_CREATE) == 0)
		return 0;
	return err_sys(err, "fsetxattr");
}
