/* mutant 12.5 M-PIN-MOVED: every job finds the image anew */
int job_pin_image(struct pipeline *p, struct job *j, struct mc_err *err)
{
	_cleanup_free_ char *path = job_pin_name(j->image);
	int rc = p->find_image(p, j->image, j->pinned, err);
	return rc < 0 ? rc : file_write_atomic(p->dir, path, j->pinned, strlen(j->pinned), 0600, 0, err);
}
