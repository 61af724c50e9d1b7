/* mutant 09.2 M-WAIT-FOREVER: looks for the word "healthy" and for nothing else */
int service_wait(struct engine *e, const char *container, enum service_condition condition, struct mc_err *err)
{
	for (;;) {
		_cleanup_container_ struct container c = { 0 };
		int rc = container_find(e, container, &c, err);
		if (rc >= 0 && condition == SERVICE_HEALTHY && str_eq(c.health, "healthy"))
			return 0;
		if (rc >= 0 && condition != SERVICE_HEALTHY && (rc = wait_look(&c, condition, err)) != 0)
			return rc < 0 ? rc : 0;
		poll(NULL, 0, 100);
	}
}
