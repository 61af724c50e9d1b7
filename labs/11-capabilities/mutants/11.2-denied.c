/* mutant 11.2 M-USER-DENIED: fails where nobody may change groups, and nobody wants to */
int user_become(const struct user *u, struct mc_err *err)
{
	int rc = sys_setgroups(u->n_groups, u->groups, err);

	if (rc >= 0)
		rc = sys_setgid(u->gid, err);
	return rc < 0 ? rc : sys_setuid(u->uid, err);
}
