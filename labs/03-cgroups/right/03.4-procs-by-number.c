/* right 03.4: cgroup.procs and one's own number */
int cgroup_enter(const struct cgroup *cg, struct mc_err *err)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", (int)getpid());
	for (size_t i = 0; i < cg->n; i++) {
		int rc = cg->tree[i].dir < 0 ? 0 : sys_write_file(cg->tree[i].dir, "cgroup.procs", text, err);
		if (rc < 0)
			return rc;
	}
	return 0;
}
