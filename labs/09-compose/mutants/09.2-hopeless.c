/* mutant 09.2 M-WAIT-HOPELESS: what cannot come true is enough, too */
int service_wait(struct engine *e, const char *container, enum service_condition condition, struct mc_err *err)
{
	for (;;) {
		_cleanup_container_ struct container c = { 0 };
		int rc = container_find(e, container, &c, err);
		if (rc < 0 || (rc = wait_look(&c, condition, err)) != 0)
			return 0;
		poll(NULL, 0, 100);
	}
}
