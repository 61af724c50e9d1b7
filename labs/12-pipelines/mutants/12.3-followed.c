/* mutant 12.3 M-ART-FOLLOW: what the links of the tree point at is stored */
int job_artifacts(struct job *j, int dir, int store, struct mc_err *err)
{
	struct tree *t = NULL;
	const struct tree_item *i;
	int n = 0, rc = tree_open(dir, &t, err);
	while (rc >= 0 && (rc = tree_next(t, &i, err)) > 0) {
		struct stat st;
		if (str_eq(i->path, ".") || !path_set_has(&j->artifacts, i->path) || path_link_leaves(dir, i->path))
			continue;
		rc = path_take(dir, i->path, store, false, err);
		if (rc > 0 && S_ISLNK(i->st.st_mode) && fstatat(dir, i->path, &st, 0) == 0 && S_ISREG(st.st_mode)) {
			_cleanup_buf_ struct buf text = { 0 };
			rc = file_read(dir, i->path, 1 << 20, &text, err);
			unlinkat(store, i->path, 0);
			if (rc >= 0)
				rc = file_write_atomic(store, i->path, text.data ? text.data : "", text.len, 0644, 0, err);
		}
		n += rc >= 0;
	}
	tree_close(t);
	return rc < 0 ? rc : n;
}
