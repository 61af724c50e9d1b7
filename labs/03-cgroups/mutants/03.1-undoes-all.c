/* mutant 03.1 M-CG-OTHERS: on failure every directory of the path is removed, also what was there before */
int cgroup_create(struct cgroup *cg, const char *path, struct mc_err *err)
{
	int rc = cgroup_trees(cg, path, err), tries = 0;
	for (size_t i = 0; rc >= 0 && i < cg->n;) {
		struct cgroup_tree *t = &cg->tree[i];
		const char *rest = cg->path;
		char name[sizeof(cg->path)]; /* the kernel refuses a name that is too long */
		rc = t->dir = sys_open(AT_FDCWD, t->mount, O_RDONLY | O_DIRECTORY, 0, err);
		while (rc >= 0 && next_name(&rest, name, sizeof(name))) {
			/* Not in the leaf: a cgroup that passes controllers on may hold no process. */
			if (cg->v2 && (rc = delegate(t->dir, err)) < 0)
				break;
			rc = step_down(t, name, err);
			/*
			 * Also in an existing directory: another create may have made it just now and not
			 * filled it yet.
			 */
			if (rc >= 0)
				rc = cgroup_inherit_cpuset(t, t->dir, err);
		}
		if (rc >= 0) {
			i++;
		} else if (rc == -ENOENT && tries++ < 50) {
			/* Another container's removal may delete the shared parent meanwhile: retry. */
			t->dir = close_fd(t->dir);
			*err = (struct mc_err){ 0 };
			rc = 0;
		}
	}
	if (rc < 0) {
		for (size_t i = 0; i < cg->n; i++) {
			_cleanup_free_ char *dir = xasprintf("%s%s", cg->tree[i].mount, cg->path);
			while (strlen(dir) > strlen(cg->tree[i].mount)) {
				rmdir(dir);
				*strrchr(dir, '/') = '\0';
			}
		}
		cgroup_close(cg);
		return err_wrap(err, "cgroup %s", path);
	}
	return 0;
}
