/* mutant 12.2 M-WORK-LINK: links become the files they point at */
static int take_followed(int source, const struct tree_item *i, int dir, struct mc_err *err)
{
	if (!S_ISLNK(i->st.st_mode))
		return path_take(source, i->path, dir, true, err);
	_cleanup_buf_ struct buf text = { 0 };
	int rc = file_read(source, i->path, 1 << 20, &text, err);
	return rc < 0 ? rc : file_write_atomic(dir, i->path, text.data ? text.data : "", text.len, 0666, 0, err);
}

int job_workspace(const struct job *j, int run, int source, int *ret_dir, struct mc_err *err)
{
	_cleanup_free_ char *path = xasprintf("%s/work", j->dir);
	struct tree *t = NULL;
	const struct tree_item *i;
	int rc = dir_remove(run, path, err);
	if (rc < 0)
		return rc;
	_cleanup_close_ int dir = dir_make_open(run, path, 0777, err);
	if (dir < 0)
		return dir;
	fchmod(dir, 0777);
	rc = tree_open(source, &t, err);
	while (rc >= 0 && (rc = tree_next(t, &i, err)) > 0)
		if (!str_eq(i->path, "."))
			rc = take_followed(source, i, dir, err);
	tree_close(t);
	if (rc >= 0)
		*ret_dir = take_fd(&dir);
	return rc < 0 ? rc : 0;
}
