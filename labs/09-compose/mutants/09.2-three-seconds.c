/* mutant 09.2 M-WAIT-SLEEP: looks every three seconds */
int service_wait(
	struct engine *e, const char *container, enum service_condition condition, struct mc_err *err)
{
	for (;;) {
		_cleanup_container_ struct container c = { 0 };
		int rc = container_find(e, container, &c, err);
		if (rc < 0)
			return err_wrap(err, "waiting for %s", container);
		rc = wait_look(&c, condition, err);
		if (rc != 0)
			return rc < 0 ? rc : 0;
		poll(NULL, 0, 3000);
	}
}
