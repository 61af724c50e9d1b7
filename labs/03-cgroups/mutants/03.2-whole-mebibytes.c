/* mutant 03.2 M-LIMIT-ROUND: rounded down to whole MiB: not exact to the byte (v1: to the page) */
int cgroup_set_limit(const struct cgroup *cg, const char *key, uint64_t value, struct mc_err *err)
{
	int dir;
	const char *file, *none;
	char text[32];
	int rc = cgroup_file(cg, key, &dir, &file, &none, err);
	if (rc < 0)
		return rc;
	if (str_starts(key, "memory") && value != CGROUP_NO_LIMIT)
		value &= ~0xfffffull;
	snprintf(text, sizeof(text), "%llu", (unsigned long long)cgroup_v1_value(cg, key, value));
	return sys_write_file(dir, file, value == CGROUP_NO_LIMIT ? none : text, err);
}
