/* mutant 11.2 M-USER-ORDER: setuid first */
int user_become(const struct user *u, struct mc_err *err)
{
	int rc = sys_setuid(u->uid, err);

	if (rc >= 0)
		rc = sys_setgid(u->gid, err);
	if (rc >= 0)
		rc = sys_setgroups(u->n_groups, u->groups, err);
	return rc < 0 ? rc : 0;
}
