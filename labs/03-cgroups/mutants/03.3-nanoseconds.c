/* mutant 03.3 M-CPU-UNIT: the quota as if in nanoseconds */
int cgroup_set_cpus(const struct cgroup *cg, uint64_t nano_cpus, struct mc_err *err)
{
	char quota[64];
	int dir = cgroup_controller(cg, "cpu"), rc;

	if (!nano_cpus)
		return sys_write_file(dir, cg->v2 ? "cpu.max" : "cpu.cfs_quota_us", cg->v2 ? "max" : "-1", err);
	snprintf(quota, sizeof(quota), cg->v2 ? "%llu 100000" : "%llu", (unsigned long long)nano_cpus / 10);
	if (!cg->v2 && (rc = sys_write_file(dir, "cpu.cfs_period_us", "100000", err)) < 0)
		return rc;
	return sys_write_file(dir, cg->v2 ? "cpu.max" : "cpu.cfs_quota_us", quota, err);
}
