/* mutant 03.2 M-LIMIT-NAME [cgroup1]: the key is taken for the file's name everywhere */
int cgroup_set_limit(const struct cgroup *cg, const char *key, uint64_t value, struct mc_err *err)
{
	char text[32];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)value);
	return sys_write_file(cgroup_controller(cg, "memory"), key, text, err);
}
