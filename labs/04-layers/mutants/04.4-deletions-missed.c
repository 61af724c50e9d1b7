/* mutant 04.4 M-DIFF-MISSED: deletions missed */
int layer_diff(int upper, struct tar_writer *out, struct mc_err *err)
{
	struct tree *t = NULL;
	const struct tree_item *item;
	int rc = tree_open(upper, &t, err);

	if (rc < 0)
		return rc;
	while ((rc = tree_next(t, &item, err)) > 0)
		if (!is_whiteout(&item->st) && (rc = tree_add(t, "", out, err)) < 0)
			break;
	tree_close(t);
	return rc;
}
