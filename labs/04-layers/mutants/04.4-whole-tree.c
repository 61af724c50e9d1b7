/* mutant 04.4 M-DIFF-WHOLE: the merged tree is stored instead of what changed */
int layer_diff(int upper, struct tar_writer *out, struct mc_err *err)
{
	_cleanup_close_ int merged = openat(upper, "../merged", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (merged < 0)
		return err_sys(err, "open(\"../merged\")");
	return tree_write(merged, "", out, err);
}
