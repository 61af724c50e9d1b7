/* mutant 03.4 M-ENTER-NOT: "1" in the place of "0" */
int cgroup_enter(const struct cgroup *cg, struct mc_err *err)
{
	for (size_t i = 0; i < cg->n; i++) {
		int rc = sys_write_file(cg->tree[i].dir, "cgroup.procs", "1", err);
		if (rc < 0)
			return rc;
	}
	return 0;
}
