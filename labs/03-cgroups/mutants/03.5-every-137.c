/* mutant 03.5 M-EV-137: a group that is empty has run out of memory */
int cgroup_read_events(const struct cgroup *cg, struct cgroup_events *ret, struct mc_err *err)
{
	*ret = (struct cgroup_events){ 0 };
	ret->populated = cgroup_populated(cg);
	ret->oom_kill = !ret->populated;
	return 0;
}
