/* mutant 04.4 M-DIFF-BESIDE: the opaque mark stands beside its directory */
int layer_diff(int upper, struct tar_writer *out, struct mc_err *err)
{
	struct tree *t;
	const struct tree_item *item;
	int rc = tree_open(upper, &t, err);
	if (rc < 0)
		return rc;
	while ((rc = tree_next(t, &item, err)) > 0) {
		if (str_eq(item->path, "."))
			continue;
		if (is_whiteout(&item->st)) {
			rc = add_mark(out, item->path, ".wh.", item->name, err);
		} else {
			rc = tree_add(t, "", out, err);
			if (rc == 0 && S_ISDIR(item->st.st_mode) && is_opaque(item)) {
				_cleanup_free_ char *in = xstrdup(item->path);
				rc = add_mark(out, in, OPAQUE_MARK, "", err);
			}
		}
		if (rc < 0)
			break;
	}
	tree_close(t);
	return rc;
}
