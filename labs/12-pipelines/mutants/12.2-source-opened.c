/* mutant 12.2 M-WORK-SOURCE: opens the modes in the source and keeps them */
int job_workspace(const struct job *j, int run, int source, int *ret_dir, struct mc_err *err)
{
	_cleanup_free_ char *path = xasprintf("%s/work", j->dir);
	int rc = dir_remove(run, path, err); /* a failed try left files that git does not know */
	if (rc < 0)
		return rc;
	_cleanup_close_ int dir = dir_make_open(run, path, 0777, err);
	if (dir < 0)
		return dir;
	if (fchmod(dir, 0777) < 0) /* mkdir(2) left out what our umask takes away */
		return err_sys(err, "chmod %s", path);
	/* bytes, not hard links: two names of one inode are one file */
	struct tree *t = NULL;
	const struct tree_item *it;
	rc = tree_open(source, &t, err);
	while (rc >= 0 && (rc = tree_next(t, &it, err)) > 0)
		if (!str_eq(it->path, ".") && S_ISREG(it->st.st_mode))
			fchmodat(source, it->path, 0666 | (it->st.st_mode & 0111 ? 0111 : 0), 0);
	tree_close(t);
	rc = rc < 0 ? rc : path_take_all(source, dir, true, err);
	if (rc < 0)
		return err_wrap(err, "job %s: its work tree", j->name);
	*ret_dir = take_fd(&dir);
	return 0;
}
