/* mutant 12.5 M-PIN-FILE: another name for the file */
int job_pin_image(struct pipeline *p, struct job *j, struct mc_err *err)
{
	_cleanup_free_ char *path = xasprintf("images/pin-%016llx", (unsigned long long)fnv1a(j->image, strlen(j->image))), *mine = NULL;
	struct mc_err absent = { 0 };
	char digest[PIN_MAX];
	int rc = read_pin(p->dir, path, j->pinned, &absent);
	if (rc != -ENOENT) {
		if (rc < 0)
			*err = absent;
		return rc;
	}
	rc = p->find_image(p, j->image, digest, err);
	if (rc < 0)
		return rc;
	/* written aside, then linked: link(2) fails when another job was quicker, and never shows half a file */
	mine = xasprintf("%s.%d", path, (int)getpid());
	rc = file_write_atomic(p->dir, mine, digest, strlen(digest), 0600, 0, err);
	if (rc < 0)
		return rc;
	if (linkat(p->dir, mine, p->dir, path, 0) < 0 && errno != EEXIST)
		rc = err_sys(err, "link %s", path);
	unlinkat(p->dir, mine, 0);
	return rc < 0 ? rc : read_pin(p->dir, path, j->pinned, err);
}
