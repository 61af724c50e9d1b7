/* mutant 04.3 M-OPQ-TRUSTED: no second name in a user namespace */
int layer_set_opaque(int dir, struct mc_err *err)
{
	if (fsetxattr(dir, "trusted.overlay.opaque", "y", 1, 0) == 0)
		return 0;
	return err_sys(err, "fsetxattr");
}
