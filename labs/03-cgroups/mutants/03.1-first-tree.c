/* mutant 03.1 M-CG-TREES [cgroup1]: the first tree only */
int cgroup_create(struct cgroup *cg, const char *path, struct mc_err *err)
{
	int rc = cgroup_trees(cg, path, err);
	if (rc < 0)
		return rc;
	const char *rest = cg->path;
	char name[512];
	int dir = open(cg->tree[0].mount, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	while (next_name(&rest, name, sizeof(name))) {
		mkdirat(dir, name, 0755);
		int below = sys_open(dir, name, O_RDONLY | O_DIRECTORY, 0, err);
		if (below < 0)
			return below;
		cgroup_inherit_cpuset(&cg->tree[0], below, err);
		close(dir);
		dir = below;
	}
	cg->tree[0].dir = dir;
	return 0;
}
