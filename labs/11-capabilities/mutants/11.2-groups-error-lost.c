/* mutant 11.2 M-ANY-IGNORED: every failure of setgroups is ignored, also when groups are wanted: the old ones stay in silence */
int user_become(const struct user *u, struct mc_err *err)
{
	struct mc_err e;
	sys_setgroups(u->n_groups, u->groups, &e);
	int rc = sys_setgid(u->gid, err);
	return rc < 0 ? rc : sys_setuid(u->uid, err);
}
