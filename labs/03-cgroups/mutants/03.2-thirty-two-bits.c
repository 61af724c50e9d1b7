/* mutant 03.2 M-LIMIT-32: %d of the value: limits from 2 GiB on are wrong */
int cgroup_set_limit(const struct cgroup *cg, const char *key, uint64_t value, struct mc_err *err)
{
	int dir;
	const char *file, *none;
	char text[32];
	int rc = cgroup_file(cg, key, &dir, &file, &none, err);
	if (rc < 0)
		return rc;
	snprintf(text, sizeof(text), "%d", (int)cgroup_v1_value(cg, key, value));
	return sys_write_file(dir, file, value == CGROUP_NO_LIMIT ? none : text, err);
}
