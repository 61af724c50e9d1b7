/* mutant 03.6 M-RM-FILES: unlinks the files first */
int cgroup_remove(struct cgroup *cg, struct mc_err *err)
{
	cgroup_kill(cg, SIGKILL, err);
	for (size_t i = 0; i < cg->n; i++)
		if (unlinkat(cg->tree[i].dir, "cgroup.procs", 0) < 0)
			return err_sys(err, "unlink(\"%s%s/cgroup.procs\")", cg->tree[i].mount, cg->path);
	return 0;
}
