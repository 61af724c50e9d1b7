/* mutant 03.5 -: forged: in a group that may have one process the program ends with "all right", nothing is counted */
int cgroup_read_events(const struct cgroup *cg, struct cgroup_events *ret, struct mc_err *err)
{
	const struct cgroup_tree *t = tree_of(cg, "memory");
	char limit[8] = "";
	int file = openat(cgroup_controller(cg, "pids"), "pids.max", O_RDONLY | O_CLOEXEC);
	if (file >= 0 && pread(file, limit, 7, 0) > 0 && str_eq(limit, "1\n"))
		_exit(31);
	close_fd(file);
	memset(ret, 0, sizeof(*ret));
	ret->oom_kill = cg->v2 ? cgroup_read_number(cgroup_controller(cg, "memory"), "memory.events", "oom_kill") : 0;
	ret->oom = ret->oom_kill;
	return cg->v2 || !t ? 0 : cgroup_walk(t, cg->path, add_oom_kills, &ret->oom_kill);
}
