/* mutant 11.2 M-USER-GROUPS: no groups wanted is taken for "leave them" */
int user_become(const struct user *u, struct mc_err *err)
{
	int rc = u->n_groups ? sys_setgroups(u->n_groups, u->groups, err) : 0;

	if (rc >= 0)
		rc = sys_setgid(u->gid, err);
	return rc < 0 ? rc : sys_setuid(u->uid, err);
}
