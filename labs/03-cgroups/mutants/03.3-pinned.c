/* mutant 03.3 M-CPU-PIN: half a processor is taken to be half of the processors */
int cgroup_set_cpus(const struct cgroup *cg, uint64_t nano_cpus, struct mc_err *err)
{
	if (nano_cpus && nano_cpus < 10000000)
		return err_set(err, EINVAL, "too few");
	return cgroup_write(cg, "cpuset.cpus", "0", err);
}
