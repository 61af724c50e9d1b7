/* mutant 03.5 M-EV-REST: one number is filled in, the others are left as they were */
int cgroup_read_events(const struct cgroup *cg, struct cgroup_events *ret, struct mc_err *err)
{
	const struct cgroup_tree *t = tree_of(cg, "memory");

	ret->oom_kill = cg->v2 ? cgroup_read_number(cgroup_controller(cg, "memory"), "memory.events", "oom_kill") : 0;
	return cg->v2 || !t ? 0 : cgroup_walk(t, cg->path, add_oom_kills, &ret->oom_kill);
}
