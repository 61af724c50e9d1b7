/* mutant 03.5 M-EV-REST: throttled is never read, oom stays 0 */
int cgroup_read_events(const struct cgroup *cg, struct cgroup_events *ret, struct mc_err *err)
{
	uint64_t kills = 0;
	const struct cgroup_tree *m = tree_of(cg, "memory");
	if (cg->v2)
		kills = cgroup_read_number(m->dir, "memory.events", "oom_kill");
	else
		cgroup_walk(m, cg->path, add_oom_kills, &kills);
	ret->oom_kill = kills;
	ret->pids_max = cgroup_read_number(cgroup_controller(cg, "pids"), "pids.events", "max");
	ret->populated = cgroup_populated(cg);
	return 0;
}
