/* right 12.5: asks, then renames nothing: an O_EXCL file under a private name is linked by descriptor */
int job_pin_image(struct pipeline *p, struct job *j, struct mc_err *err)
{
	_cleanup_free_ char *path = job_pin_name(j->image);
	char digest[PIN_MAX], proc[64];
	struct mc_err absent = { 0 };
	int rc = read_pin(p->dir, path, j->pinned, &absent);
	if (rc == 0)
		return 0;
	if (rc != -ENOENT)
		return err_set(err, -rc, "%s", absent.what);
	rc = p->find_image(p, j->image, digest, err);
	if (rc < 0)
		return rc;
	_cleanup_close_ int fd = openat(p->dir, "images", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_sys(err, "images");
	if (write(fd, digest, strlen(digest)) != (ssize_t)strlen(digest))
		return err_sys(err, "write");
	snprintf(proc, sizeof(proc), "/proc/self/fd/%d", fd);
	if (linkat(AT_FDCWD, proc, p->dir, path, AT_SYMLINK_FOLLOW) < 0 && errno != EEXIST)
		return err_sys(err, "link %s", path);
	return read_pin(p->dir, path, j->pinned, err);
}
