/* right 09.2: looks at once, then each half second */
int service_wait(
	struct engine *e, const char *container, enum service_condition condition, struct mc_err *err)
{
	int rc = 0;
	while (!rc) {
		struct container c = { 0 };
		rc = container_find(e, container, &c, err);
		if (rc >= 0) {
			rc = wait_look(&c, condition, err);
			container_release(&c);
		} else {
			return err_wrap(err, "%s cannot be waited for any more", container);
		}
		if (!rc)
			usleep(500000);
	}
	return rc < 0 ? rc : 0;
}
