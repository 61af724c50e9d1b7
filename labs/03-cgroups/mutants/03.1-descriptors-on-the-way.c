/* mutant 03.1 M-ANY-CLOEXEC: the directories on the way stay open, in every tree */
int cgroup_create(struct cgroup *cg, const char *path, struct mc_err *err)
{
	int rc = cgroup_trees(cg, path, err);
	for (size_t i = 0; rc >= 0 && i < cg->n; i++) {
		struct cgroup_tree *t = &cg->tree[i];
		const char *rest = cg->path;
		char name[512];
		int dir = open(t->mount, O_RDONLY | O_DIRECTORY);
		while (next_name(&rest, name, sizeof(name))) {
			if (cg->v2 && delegate(dir, err) < 0)
				return -err->code;
			t->made = mkdirat(dir, name, 0755) == 0;
			if (!t->made && errno != EEXIST)
				return err_sys(err, "mkdir %s", name);
			dir = openat(dir, name, O_RDONLY | O_DIRECTORY);
			cgroup_inherit_cpuset(t, dir, err);
		}
		t->dir = dir;
	}
	return rc;
}
