/* mutant 03.4 M-ENTER-ENGINE: the engine is moved */
int cgroup_enter(const struct cgroup *cg, struct mc_err *err)
{
	char text[16];

	for (size_t i = 0; i < cg->n; i++)
		for (int who = 0; who < 2; who++) {
			snprintf(text, sizeof(text), "%d", who ? (int)getpid() : (int)getppid());
			int rc = sys_write_file(cg->tree[i].dir, "cgroup.procs", text, err);
			if (rc < 0)
				return rc;
		}
	return 0;
}
