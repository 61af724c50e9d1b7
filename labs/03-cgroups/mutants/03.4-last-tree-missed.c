/* mutant 03.4 M-CG-TREES: off by one: the last tree is left out */
int cgroup_enter(const struct cgroup *cg, struct mc_err *err)
{
	for (size_t i = 0; i + 1 < cg->n; i++) {
		const char *file = cg->v2 ? "cgroup.procs" : "tasks";
		if (cg->tree[i].dir < 0)
			continue;
		int rc = sys_write_file(cg->tree[i].dir, file, "0", err);
		if (rc < 0)
			return err_wrap(err, "entering cgroup %s of %s", cg->path, cg->tree[i].mount);
	}
	return 0;
}
