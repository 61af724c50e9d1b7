/* mutant 03.1 M-CG-CPUSET [cgroup1]: the cpuset group stays without processors */
int cgroup_create(struct cgroup *cg, const char *path, struct mc_err *err)
{
	int rc = cgroup_trees(cg, path, err);
	for (size_t i = 0; rc >= 0 && i < cg->n; i++) {
		const char *rest = cg->path;
		char name[512];
		int dir = open(cg->tree[i].mount, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		while (next_name(&rest, name, sizeof(name))) {
			mkdirat(dir, name, 0755);
			int below = sys_open(dir, name, O_RDONLY | O_DIRECTORY, 0, err);
			if (below < 0)
				return below;
			close(dir);
			dir = below;
		}
		cg->tree[i].dir = dir;
	}
	return rc < 0 ? rc : 0;
}
