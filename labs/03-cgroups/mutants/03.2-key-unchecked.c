/* mutant 03.2 M-LIMIT-UNKNOWN: the answer of cgroup_file() is not looked at */
int cgroup_set_limit(const struct cgroup *cg, const char *key, uint64_t value, struct mc_err *err)
{
	int dir;
	const char *file, *none;
	int rc = cgroup_file(cg, key, &dir, &file, &none, err);
	(void)rc;
	char text[32];
	snprintf(text, sizeof(text), "%llu", (unsigned long long)cgroup_v1_value(cg, key, value));
	return sys_write_file(dir, file, value == CGROUP_NO_LIMIT ? none : text, err);
}
