/* mutant 03.6 M-RM-BUSY: TERM only, which a program may ignore */
int cgroup_remove(struct cgroup *cg, struct mc_err *err)
{
	int first = 0;
	for (size_t i = 0; i < cg->n; i++) {
		_cleanup_free_ char *dir = xasprintf("%s%s", cg->tree[i].mount, cg->path);
		if (rmdir(dir) == 0 || errno == ENOENT)
			continue;
		cgroup_kill(cg, SIGTERM, &(struct mc_err){ 0 });
		int rc = cgroup_walk(&cg->tree[i], cg->path, remove_one, NULL);
		if (rc < 0 && !first)
			first = err_code(err, rc, "rmdir(\"%s\")", dir);
	}
	cgroup_close(cg);
	
	return first;
}
