/* mutant 03.2 M-LIMIT-ZERO: 0 is taken for no limit */
int cgroup_set_limit(const struct cgroup *cg, const char *key, uint64_t value, struct mc_err *err)
{
	int dir;
	const char *file, *none;
	char text[32];
	int rc = cgroup_file(cg, key, &dir, &file, &none, err);
	if (rc < 0)
		return rc;
	if (value == CGROUP_NO_LIMIT || value == 0)
		snprintf(text, sizeof(text), "%s", none);
	else
		snprintf(text, sizeof(text), "%llu", (unsigned long long)cgroup_v1_value(cg, key, value));
	return sys_write_file(dir, file, text, err);
}
