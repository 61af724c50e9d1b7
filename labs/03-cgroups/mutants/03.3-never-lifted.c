/* mutant 03.3 M-CPU-LIFT: 0 is a quota like any other */
int cgroup_set_cpus(const struct cgroup *cg, uint64_t nano_cpus, struct mc_err *err)
{
	char quota[64];
	int dir = cgroup_controller(cg, "cpu"), rc;

	snprintf(quota, sizeof(quota), cg->v2 ? "%llu 100000" : "%llu", (unsigned long long)(nano_cpus / 10000));
	if (!cg->v2 && (rc = sys_write_file(dir, "cpu.cfs_period_us", "100000", err)) < 0)
		return rc;
	return sys_write_file(dir, cg->v2 ? "cpu.max" : "cpu.cfs_quota_us", quota, err);
}
