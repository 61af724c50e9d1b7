/* mutant 04.4 M-DIFF-TREE: folders are left out, for they come by themselves */
int layer_diff(int upper, struct tar_writer *out, struct mc_err *err)
{
	struct tree *t = NULL;
	const struct tree_item *item;
	int rc = tree_open(upper, &t, err);

	if (rc < 0)
		return rc;
	while ((rc = tree_next(t, &item, err)) > 0) {
		if (is_whiteout(&item->st))
			rc = add_mark(out, item->path, ".wh.", item->name, err);
		else if (!S_ISDIR(item->st.st_mode))
			rc = tree_add(t, "", out, err);
		else if (is_opaque(item)) {
			char inside[512];
			snprintf(inside, sizeof(inside), "%s/", item->path);
			rc = add_mark(out, inside, OPAQUE_MARK, "", err);
		}
		if (rc < 0)
			break;
	}
	tree_close(t);
	return rc;
}
