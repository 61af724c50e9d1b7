/* mutant 03.1 M-CG-PARENT [cgroup2]: the parents pass no controllers on */
int cgroup_create(struct cgroup *cg, const char *path, struct mc_err *err)
{
	int rc = cgroup_trees(cg, path, err);
	const char *rest = cg->path;
	char name[512];
	int dir = rc < 0 ? -1 : open(cg->tree[0].mount, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return rc < 0 ? rc : err_sys(err, "open(\"%s\")", cg->tree[0].mount);
	while (next_name(&rest, name, sizeof(name))) {
		mkdirat(dir, name, 0755);
		int below = sys_open(dir, name, O_RDONLY | O_DIRECTORY, 0, err);
		if (below < 0)
			return below;
		close(dir);
		dir = below;
	}
	cg->tree[0].dir = dir;
	return 0;
}
