/* mutant 11.2 M-USER-SWAP: user and group exchanged */
int user_become(const struct user *u, struct mc_err *err)
{
	int rc = sys_setgroups(u->n_groups, u->groups, err);

	if (rc >= 0)
		rc = sys_setgid(u->uid, err);
	return rc < 0 ? rc : sys_setuid(u->gid, err);
}
