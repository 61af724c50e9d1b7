/* mutant 03.4 M-ENTER-LATE: somebody moves the process after it has started */
int cgroup_enter(const struct cgroup *cg, struct mc_err *err)
{
	char text[16];
	pid_t me = getpid();

	if (cg->n && faccessat(cg->tree[0].dir, "cgroup.procs", F_OK, 0) < 0)
		return err_sys(err, "no group");
	if (fork() != 0)
		return 0;
	usleep(100000);
	snprintf(text, sizeof(text), "%d", (int)me);
	for (size_t i = 0; i < cg->n; i++)
		sys_write_file(cg->tree[i].dir, "cgroup.procs", text, err);
	_exit(0);
}
