/* mutant 03.3 M-CPU-PERIOD: the quota alone is written */
int cgroup_set_cpus(const struct cgroup *cg, uint64_t nano_cpus, struct mc_err *err)
{
	char text[64];
	uint64_t quota = nano_cpus / 10000; /* nano_cpus / 1e9 * PERIOD_US */
	int dir = cgroup_controller(cg, "cpu");
	if (nano_cpus && quota < QUOTA_MIN_US)
		return err_set(
			err, EINVAL, "%.3g processors are too few: at least 0.01", (double)nano_cpus / 1e9);
	if (dir < 0)
		return err_set(
			err, EOPNOTSUPP, "no limit on processor time: this machine has no cpu controller");
	if (cg->v2) {
		if (nano_cpus)
			snprintf(text, sizeof(text), "%llu %d", (unsigned long long)quota, PERIOD_US);
		return sys_write_file(dir, "cpu.max", nano_cpus ? text : "max", err);
	}
	snprintf(text, sizeof(text), "%d", PERIOD_US);
	int rc = sys_write_file(dir, "cpu.cfs_quota_us", text, err);
	snprintf(text, sizeof(text), "%lld", nano_cpus ? (long long)quota : -1LL);
	return rc < 0 ? rc : sys_write_file(dir, "cpu.cfs_quota_us", text, err);
}
