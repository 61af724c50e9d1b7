/* mutant 03.1 M-CG-MKDIR: one mkdir for the whole path */
int cgroup_create(struct cgroup *cg, const char *path, struct mc_err *err)
{
	int rc = cgroup_trees(cg, path, err);

	for (size_t i = 0; rc >= 0 && i < cg->n; i++) {
		char dir[1024];
		snprintf(dir, sizeof(dir), "%s%s", cg->tree[i].mount, path);
		rc = sys_mkdir(AT_FDCWD, dir, 0755, err);
		if (rc >= 0 || rc == -EEXIST)
			rc = cg->tree[i].dir = sys_open(AT_FDCWD, dir, O_RDONLY | O_DIRECTORY, 0, err);
	}
	return rc < 0 ? rc : 0;
}
