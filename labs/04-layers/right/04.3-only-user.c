/* right 04.3: the other name first */
int layer_set_opaque(int dir, struct mc_err *err)
{
	int rc = fsetxattr(dir, "user.overlay.opaque", "y", 1, 0);
	int second = fsetxattr(dir, "trusted.overlay.opaque", "y", 1, 0);

	return rc < 0 && second < 0 ? err_sys(err, "fsetxattr") : 0;
}
