/* mutant 03.1 M-CG-NONE: cgroup_trees() is not called */
int cgroup_create(struct cgroup *cg, const char *path, struct mc_err *err)
{
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < cg->n; i++) {
		struct cgroup_tree *t = &cg->tree[i];
		char name[256];
		const char *rest = path;
		t->dir = sys_open(AT_FDCWD, t->mount, O_RDONLY | O_DIRECTORY, 0, err);
		if (t->dir < 0)
			rc = t->dir;
		while (rc == 0 && next_name(&rest, name, sizeof(name))) {
			if (cg->v2)
				rc = delegate(t->dir, err);
			if (rc == 0 && step_down(t, name, err) < 0)
				rc = -err->code;
			if (rc == 0 && !cg->v2)
				rc = cgroup_inherit_cpuset(t, t->dir, err);
		}
	}
	if (rc < 0)
		undo(cg);
	return rc;
}
