/* mutant 03.6 M-RM-SAYS: what rmdir said in the end is thrown away */
int cgroup_remove(struct cgroup *cg, struct mc_err *err)
{
	(void)err;
	cgroup_kill(cg, SIGKILL, &(struct mc_err){ 0 });
	for (size_t i = 0; i < cg->n; i++)
		cgroup_walk(&cg->tree[i], cg->path, remove_one, NULL);
	for (size_t i = 0; i < cg->n; i++)
		remove_parent(&cg->tree[i], cg->path);
	cgroup_close(cg);
	return 0;
}
