/* right 03.2: cgroup_write() with a text of one's own */
int cgroup_set_limit(const struct cgroup *cg, const char *key, uint64_t value, struct mc_err *err)
{
	int dir;
	const char *file, *none;
	int rc = cgroup_file(cg, key, &dir, &file, &none, err);

	if (rc < 0)
		return rc;
	char *text = value == CGROUP_NO_LIMIT
			     ? xstrdup(none)
			     : xasprintf("%llu\n", (unsigned long long)cgroup_v1_value(cg, key, value));
	rc = cgroup_write(cg, key, text, err);
	free(text);
	return rc;
}
