/* right 03.6: kills first, asks afterwards */
int cgroup_remove(struct cgroup *cg, struct mc_err *err)
{
	int rc = 0;

	cgroup_kill(cg, SIGKILL, &(struct mc_err){ 0 });
	for (size_t i = 0; i < cg->n && rc >= 0; i++)
		rc = cgroup_walk(&cg->tree[i], cg->path, remove_one, NULL);
	for (size_t i = 0; i < cg->n && rc >= 0; i++)
		remove_parent(&cg->tree[i], cg->path);
	cgroup_close(cg);
	return rc < 0 ? err_code(err, rc, "removing cgroup %s", cg->path) : 0;
}
