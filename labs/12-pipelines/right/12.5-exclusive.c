/* right 12.5: a lock around asking and writing is not needed: O_EXCL on a temporary name, then RENAME_NOREPLACE */
int job_pin_image(struct pipeline *p, struct job *j, struct mc_err *err)
{
	_cleanup_free_ char *path = job_pin_name(j->image), *mine = xasprintf("images/.%d", (int)getpid());
	if (read_pin(p->dir, path, j->pinned, &(struct mc_err){ 0 }) == 0)
		return 0;
	int rc = p->find_image(p, j->image, j->pinned, err);
	if (rc < 0)
		return rc;
	_cleanup_close_ int fd = openat(p->dir, mine, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_sys(err, "create %s", mine);
	rc = file_write_all(fd, j->pinned, strlen(j->pinned), err);
	if (rc >= 0 && renameat2(p->dir, mine, p->dir, path, RENAME_NOREPLACE) < 0 && errno != EEXIST)
		rc = err_sys(err, "rename %s", mine);
	unlinkat(p->dir, mine, 0);
	return rc < 0 ? rc : read_pin(p->dir, path, j->pinned, err);
}
