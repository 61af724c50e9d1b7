/* mutant 04.4 M-DIFF-DEVICE: every character device is taken for a deletion (/dev/null of a layer vanishes) */
int layer_diff(int upper, struct tar_writer *out, struct mc_err *err)
{
	struct tree *t = NULL;
	const struct tree_item *item;
	int rc = tree_open(upper, &t, err);
	if (rc < 0)
		return rc;
	while ((rc = tree_next(t, &item, err)) > 0) {
		if (S_ISCHR(item->st.st_mode) || S_ISFIFO(item->st.st_mode)) {
			rc = add_mark(out, item->path, ".wh.", item->name, err);
		} else {
			rc = tree_add(t, "", out, err);
			if (rc == 0 && S_ISDIR(item->st.st_mode) && is_opaque(item)) {
				_cleanup_free_ char *in = xasprintf("%s/", item->path);
				rc = add_mark(out, in, OPAQUE_MARK, "", err);
			}
		}
		if (rc < 0)
			break;
	}
	tree_close(t);
	return rc;
}
