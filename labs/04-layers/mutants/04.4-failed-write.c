/* mutant 04.4 M-ANY-IGNORED: what tree_add() answers is lost */
int layer_diff(int upper, struct tar_writer *out, struct mc_err *err)
{
	struct tree *t = NULL;
	const struct tree_item *item;
	int rc = tree_open(upper, &t, err);
	if (rc < 0)
		return rc;
	while ((rc = tree_next(t, &item, err)) > 0) {
		if (is_whiteout(&item->st)) {
			rc = add_mark(out, item->path, ".wh.", item->name, err);
		} else {
			rc = tree_add(t, "", out, err);
			if (rc == 0 && S_ISDIR(item->st.st_mode) && is_opaque(item)) {
				_cleanup_free_ char *inside = xasprintf("%s/", item->path);
				rc = add_mark(out, inside, OPAQUE_MARK, "", err);
			}
		}
	}
	tree_close(t);
	return 0;
}
