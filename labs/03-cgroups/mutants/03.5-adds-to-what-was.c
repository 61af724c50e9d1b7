/* mutant 03.5 M-EV-REST: the numbers are added to what stood there */
int cgroup_read_events(const struct cgroup *cg, struct cgroup_events *ret, struct mc_err *err)
{
	struct cgroup_events now = { 0 };
	int rc = TODO(03.5, cgroup_read_events, cg, &now, err);
	now.oom += ret->oom;
	now.oom_kill += ret->oom_kill;
	*ret = now;
	return rc;
}
