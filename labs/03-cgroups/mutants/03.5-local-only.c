/* mutant 03.5 M-EV-NESTED [cgroup2]: memory.events.local leaves out the groups below */
int cgroup_read_events(const struct cgroup *cg, struct cgroup_events *ret, struct mc_err *err)
{
	*ret = (struct cgroup_events){ 0 };
	ret->oom_kill =
		cgroup_read_number(cgroup_controller(cg, "memory"), "memory.events.local", "oom_kill");
	return 0;
}
