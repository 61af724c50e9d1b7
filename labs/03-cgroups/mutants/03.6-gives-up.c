/* mutant 03.6 M-RM-BUSY: gives up at EBUSY */
int cgroup_remove(struct cgroup *cg, struct mc_err *err)
{
	for (size_t i = 0; i < cg->n; i++) {
		char path[1024];
		snprintf(path, sizeof(path), "%s%s", cg->tree[i].mount, cg->path);
		if (rmdir(path) < 0 && errno != ENOENT)
			return err_sys(err, "rmdir(\"%s\")", path);
	}
	return 0;
}
