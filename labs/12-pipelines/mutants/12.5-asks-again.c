/* mutant 12.5 M-PIN-ASKS: asks, and then takes what is written */
int job_pin_image(struct pipeline *p, struct job *j, struct mc_err *err)
{
	_cleanup_free_ char *path = job_pin_name(j->image), *mine = xasprintf("%s.%d", path, (int)getpid());
	int rc = p->find_image(p, j->image, j->pinned, err);
	if (rc < 0)
		return rc;
	rc = file_write_atomic(p->dir, mine, j->pinned, strlen(j->pinned), 0600, 0, err);
	if (rc >= 0 && linkat(p->dir, mine, p->dir, path, 0) < 0 && errno != EEXIST)
		rc = err_sys(err, "link");
	unlinkat(p->dir, mine, 0);
	return rc < 0 ? rc : read_pin(p->dir, path, j->pinned, err);
}
