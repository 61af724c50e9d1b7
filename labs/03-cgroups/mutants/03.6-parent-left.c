/* mutant 03.6 M-RM-PARENT: the engine's empty directory stays */
int cgroup_remove(struct cgroup *cg, struct mc_err *err)
{
	int rc = cgroup_kill(cg, SIGKILL, err);
	if (rc < 0)
		return rc;
	for (size_t i = 0; i < cg->n; i++) {
		rc = cgroup_walk(&cg->tree[i], cg->path, remove_one, NULL);
		if (rc < 0)
			return err_code(err, rc, "cannot remove %s", cg->path);
	}
	cgroup_close(cg);
	return 0;
}
