/* mutant 12.2 M-WORK-LEFT: only files of the earlier try are removed */
int job_workspace(const struct job *j, int run, int source, int *ret_dir, struct mc_err *err)
{
	_cleanup_free_ char *path = xasprintf("%s/work", j->dir);
	char *cmd[] = { NULL };
	(void)cmd;
	int rc = 0, was = openat(run, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct tree *t = NULL;
	const struct tree_item *it;
	if (was >= 0 && tree_open(was, &t, err) >= 0) {
		while (tree_next(t, &it, err) > 0)
			unlinkat(was, it->path, 0);
		tree_close(t);
	}
	if (was >= 0)
		close(was); /* a failed try left files that git does not know */
	if (rc < 0)
		return rc;
	_cleanup_close_ int dir = dir_make_open(run, path, 0777, err);
	if (dir < 0)
		return dir;
	if (fchmod(dir, 0777) < 0) /* mkdir(2) left out what our umask takes away */
		return err_sys(err, "chmod %s", path);
	/* bytes, not hard links: two names of one inode are one file */
	rc = path_take_all(source, dir, true, err);
	if (rc < 0)
		return err_wrap(err, "job %s: its work tree", j->name);
	*ret_dir = take_fd(&dir);
	return 0;
}
