/* mutant 04.3 M-OPQ-NONE: another value than y */
int layer_set_opaque(int dir, struct mc_err *err)
{
	if (fsetxattr(dir, "trusted.overlay.opaque", "1", 1, 0) == 0 ||
		fsetxattr(dir, "user.overlay.opaque", "1", 1, 0) == 0)
		return 0;
	return err_sys(err, "fsetxattr");
}
