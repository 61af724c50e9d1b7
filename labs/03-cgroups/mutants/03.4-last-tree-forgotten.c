/* mutant 03.4 M-CG-TREES: the last tree is left out */
int cgroup_enter(const struct cgroup *cg, struct mc_err *err)
{
	for (size_t i = 0; i + 1 < cg->n; i++) {
		int rc = sys_write_file(cg->tree[i].dir, "cgroup.procs", "0", err);
		if (rc < 0)
			return rc;
	}
	return 0;
}
