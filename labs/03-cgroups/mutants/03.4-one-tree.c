/* mutant 03.4 M-CG-TREES [cgroup1]: the first tree only */
int cgroup_enter(const struct cgroup *cg, struct mc_err *err)
{
	return sys_write_file(cg->tree[0].dir, cg->v2 ? "cgroup.procs" : "tasks", "0", err);
}
