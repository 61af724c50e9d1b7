/* mutant 12.2 M-WORK-SHARED: hard links: two names of one file */
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
	while (rc >= 0 && (rc = tree_next(t, &i, err)) > 0) {
		if (str_eq(i->path, "."))
			continue;
		if (S_ISREG(i->st.st_mode))
			rc = linkat(source, i->path, dir, i->path, 0) < 0 ? err_sys(err, "link") : 1;
		else
			rc = path_take(source, i->path, dir, true, err);
	}
	tree_close(t);
	if (rc >= 0)
		*ret_dir = take_fd(&dir);
	return rc < 0 ? rc : 0;
}
