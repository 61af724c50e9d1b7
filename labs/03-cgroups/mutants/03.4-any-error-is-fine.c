/* mutant 03.4 M-ENTER-SOME: a tree that refuses is passed over; an error only when all refuse */
int cgroup_enter(const struct cgroup *cg, struct mc_err *err)
{
	size_t ok = 0;
	for (size_t i = 0; i < cg->n; i++)
		ok += sys_write_file(cg->tree[i].dir, cg->v2 ? "cgroup.procs" : "tasks", "0", err) == 0;
	return ok ? 0 : -err->code;
}
