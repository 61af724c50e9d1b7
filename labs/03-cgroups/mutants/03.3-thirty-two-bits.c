/* mutant 03.3 M-CPU-32: nano_cpus goes through an int */
int cgroup_set_cpus(const struct cgroup *cg, uint64_t nano_cpus, struct mc_err *err)
{
	int quota = (int)nano_cpus / 10000;
	int dir = cgroup_controller(cg, "cpu");
	if (dir < 0)
		return err_set(err, EOPNOTSUPP, "no cpu controller here");
	if (nano_cpus && quota < QUOTA_MIN_US)
		return err_set(err, EINVAL, "a quota below 1 ms");
	char text[64];
	if (cg->v2) {
		if (nano_cpus)
			snprintf(text, sizeof(text), "%d %d", quota, PERIOD_US);
		else
			strcpy(text, "max");
		return sys_write_file(dir, "cpu.max", text, err);
	}
	int rc;
	snprintf(text, sizeof(text), "%d", PERIOD_US);
	if ((rc = sys_write_file(dir, "cpu.cfs_period_us", text, err)) < 0)
		return rc;
	snprintf(text, sizeof(text), "%lld", (long long)(nano_cpus ? quota : -1));
	return sys_write_file(dir, "cpu.cfs_quota_us", text, err);
}
