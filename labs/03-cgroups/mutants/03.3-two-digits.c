/* mutant 03.3 M-CPU-ROUND: rounded to hundredths of a processor: 0.125 becomes 0.12 */
int cgroup_set_cpus(const struct cgroup *cg, uint64_t nano_cpus, struct mc_err *err)
{
	int dir = cgroup_controller(cg, "cpu");
	uint64_t quota = nano_cpus / 10000000 * 1000;
	char text[64];
	if (cg->v2) {
		snprintf(text, sizeof(text), "%llu 100000", (unsigned long long)quota);
		return sys_write_file(dir, "cpu.max", nano_cpus ? text : "max", err);
	}
	int rc = sys_write_file(dir, "cpu.cfs_period_us", "100000", err);
	snprintf(text, sizeof(text), "%lld", nano_cpus ? (long long)quota : -1LL);
	return rc < 0 ? rc : sys_write_file(dir, "cpu.cfs_quota_us", text, err);
}
