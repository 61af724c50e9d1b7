/* mutant 03.5 M-EV-NESTED [cgroup1]: v1's counter of this group only */
int cgroup_read_events(const struct cgroup *cg, struct cgroup_events *ret, struct mc_err *err)
{
	*ret = (struct cgroup_events){ 0 };
	ret->oom_kill = cgroup_read_number(cgroup_controller(cg, "memory"), "memory.oom_control", "oom_kill");
	ret->oom = ret->oom_kill;
	ret->populated = cgroup_populated(cg);
	return 0;
}
