/* mutant 12.5 M-PIN-RACE: the slower one replaces what the quicker one wrote */
int job_pin_image(struct pipeline *p, struct job *j, struct mc_err *err)
{
	_cleanup_free_ char *path = job_pin_name(j->image);
	struct mc_err absent = { 0 };
	int rc = read_pin(p->dir, path, j->pinned, &absent);
	if (rc != -ENOENT)
		return rc;
	rc = p->find_image(p, j->image, j->pinned, err);
	return rc < 0 ? rc : file_write_atomic(p->dir, path, j->pinned, strlen(j->pinned), 0600, 0, err);
}
