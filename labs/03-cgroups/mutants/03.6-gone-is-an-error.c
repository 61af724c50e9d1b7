/* mutant 03.6 M-RM-HALF: a cgroup that is gone is an error */
int cgroup_remove(struct cgroup *cg, struct mc_err *err)
{
	int first = 0;
	for (size_t i = 0; i < cg->n; i++) {
		_cleanup_free_ char *dir = xasprintf("%s%s", cg->tree[i].mount, cg->path);
		if (rmdir(dir) == 0)
			continue;
		if (errno == ENOENT) {
			first = err_sys(err, "rmdir");
			continue;
		}
		cgroup_kill(cg, SIGKILL, &(struct mc_err){ 0 });
		int rc = cgroup_walk(&cg->tree[i], cg->path, remove_one, NULL);
		if (rc < 0 && !first)
			first = err_code(err, rc, "rmdir(\"%s\")", dir);
	}
	cgroup_close(cg);
	
	return first;
}
