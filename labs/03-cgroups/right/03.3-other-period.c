/* right 03.3: a period of 50 ms */
int cgroup_set_cpus(const struct cgroup *cg, uint64_t nano_cpus, struct mc_err *err)
{
	unsigned long long quota = nano_cpus / 20000;
	char text[64];
	int rc, dir = cgroup_controller(cg, "cpu");

	if (nano_cpus && quota < 1000)
		return err_set(err, EINVAL, "too few processors");
	if (dir < 0)
		return err_set(err, EOPNOTSUPP, "no cpu controller");
	if (cg->v2) {
		snprintf(text, sizeof(text), "%llu 50000", quota);
		return sys_write_file(dir, "cpu.max", nano_cpus ? text : "max", err);
	}
	if ((rc = sys_write_file(dir, "cpu.cfs_quota_us", "-1", err)) < 0 ||
		(rc = sys_write_file(dir, "cpu.cfs_period_us", "50000", err)) < 0)
		return rc;
	snprintf(text, sizeof(text), "%llu", quota);
	return nano_cpus ? sys_write_file(dir, "cpu.cfs_quota_us", text, err) : 0;
}
