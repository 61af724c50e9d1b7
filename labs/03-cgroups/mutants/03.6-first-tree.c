/* mutant 03.6 M-CG-TREES [cgroup1]: the first tree only */
int cgroup_remove(struct cgroup *cg, struct mc_err *err)
{
	int rc = cgroup_kill(cg, SIGKILL, err);

	if (rc >= 0 && cg->n)
		rc = cgroup_walk(&cg->tree[0], cg->path, remove_one, NULL);
	cgroup_close(cg);
	return rc;
}
