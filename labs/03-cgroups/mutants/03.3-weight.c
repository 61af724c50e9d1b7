/* mutant 03.3 M-CPU-WEIGHT: a weight for a quota */
int cgroup_set_cpus(const struct cgroup *cg, uint64_t nano_cpus, struct mc_err *err)
{
	char text[32];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)(nano_cpus / (cg->v2 ? 10000000 : 1000000)));
	return cgroup_write(cg, "cpu.weight", text, err);
}
