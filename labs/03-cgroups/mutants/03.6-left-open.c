/* mutant 03.6 M-ANY-FDS: the descriptors stay open; contract: closed */
int cgroup_remove(struct cgroup *cg, struct mc_err *err)
{
	int first = 0;
	cgroup_kill(cg, SIGKILL, &(struct mc_err){ 0 });
	for (size_t i = 0; i < cg->n; i++) {
		int rc = cgroup_walk(&cg->tree[i], cg->path, remove_one, NULL);
		if (rc < 0 && !first)
			first = err_code(err, rc, "rmdir");
	}
	return first;
}
