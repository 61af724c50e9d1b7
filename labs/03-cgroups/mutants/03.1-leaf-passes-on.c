/* mutant 03.1 M-CG-LEAF [cgroup2]: subtree_control written in the leaf */
int cgroup_create(struct cgroup *cg, const char *path, struct mc_err *err)
{
	int rc = cgroup_trees(cg, path, err);
	const char *rest = cg->path;
	char name[512];
	int dir = rc < 0 ? -1 : open(cg->tree[0].mount, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return rc < 0 ? rc : err_sys(err, "open(\"%s\")", cg->tree[0].mount);
	while (next_name(&rest, name, sizeof(name))) {
		delegate(dir, err);
		mkdirat(dir, name, 0755);
		int below = sys_open(dir, name, O_RDONLY | O_DIRECTORY, 0, err);
		if (below < 0)
			return below;
		close(dir);
		dir = below;
	}
	cg->tree[0].dir = dir;
	delegate(dir, err);
	return 0;
}
