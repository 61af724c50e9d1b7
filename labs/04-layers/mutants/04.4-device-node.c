/* mutant 04.4 M-DIFF-NODE: the whiteout stored as a device node */
int layer_diff(int upper, struct tar_writer *out, struct mc_err *err)
{
	return tree_write(upper, "", out, err);
}
