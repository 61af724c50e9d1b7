/* mutant 12.2 -: the directory has to be there from an earlier try */
int job_workspace(const struct job *j, int run, int source, int *ret_dir, struct mc_err *err)
{
	_cleanup_free_ char *path = xasprintf("%s/work", j->dir);
	if (faccessat(run, path, F_OK, 0) < 0)
		return err_sys(err, "%s", path);
	int rc = dir_remove(run, path, err); /* a failed try left files that git does not know */
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
