/* mutant 03.2 M-LIMIT-SUM [cgroup1]: the number of swap alone into memsw */
int cgroup_set_limit(const struct cgroup *cg, const char *key, uint64_t value, struct mc_err *err)
{
	const char *file, *none;
	char text[32];
	int dir, rc = cgroup_file(cg, key, &dir, &file, &none, err);

	if (rc < 0)
		return rc;
	snprintf(text, sizeof(text), "%llu", (unsigned long long)value);
	return sys_write_file(dir, file, value == CGROUP_NO_LIMIT ? none : text, err);
}
