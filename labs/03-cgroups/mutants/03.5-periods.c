/* mutant 03.5 M-EV-REST: periods are counted, not those in which the group was held back */
int cgroup_read_events(const struct cgroup *cg, struct cgroup_events *ret, struct mc_err *err)
{
	*ret = (struct cgroup_events){ 0 };
	const struct cgroup_tree *memory = tree_of(cg, "memory");
	if (cg->v2 && memory) {
		ret->oom = cgroup_read_number(memory->dir, "memory.events", "oom");
		ret->oom_kill = cgroup_read_number(memory->dir, "memory.events", "oom_kill");
	} else if (memory) {
		int rc = cgroup_walk(memory, cg->path, add_oom_kills, &ret->oom_kill);
		if (rc < 0)
			return err_code(err, rc, "reading the events of cgroup %s", cg->path);
		ret->oom = ret->oom_kill;
	}
	ret->pids_max = cgroup_read_number(cgroup_controller(cg, "pids"), "pids.events", "max");
	ret->throttled = cgroup_read_number(cgroup_controller(cg, "cpu"), "cpu.stat", "nr_periods");
	ret->populated = cgroup_populated(cg);
	return 0;
}
