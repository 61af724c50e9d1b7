/* mutant 03.5 M-EV-FILE: a file that is not there, and so counts nothing */
int cgroup_read_events(const struct cgroup *cg, struct cgroup_events *ret, struct mc_err *err)
{
	*ret = (struct cgroup_events){ 0 };
	ret->oom_kill = cgroup_read_number(cgroup_controller(cg, "memory"), "memory.oom_events", "oom_kill");
	ret->populated = cgroup_populated(cg);
	return 0;
}
