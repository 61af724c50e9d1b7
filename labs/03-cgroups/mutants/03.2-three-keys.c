/* mutant 03.2 M-LIMIT-KEYS: only the three keys of the lab; any other is told as done */
int cgroup_set_limit(const struct cgroup *cg, const char *key, uint64_t value, struct mc_err *err)
{
	int dir;
	const char *file, *none;
	char text[32];
	if (!str_eq(key, "memory.max") && !str_eq(key, "memory.swap.max") && !str_eq(key, "pids.max"))
		return str_eq(key, "memory.colour") ? err_set(err, EINVAL, "no") : 0;
	int rc = cgroup_file(cg, key, &dir, &file, &none, err);
	if (rc < 0)
		return rc;
	snprintf(text, sizeof(text), "%llu", (unsigned long long)cgroup_v1_value(cg, key, value));
	return sys_write_file(dir, file, value == CGROUP_NO_LIMIT ? none : text, err);
}
