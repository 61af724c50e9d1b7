/* mutant 11.2 M-ERR-LOST: EPERM for the groups is passed over, whatever the process may */
int user_become(const struct user *u, struct mc_err *err)
{
	int rc = sys_setgroups(u->n_groups, u->groups, err);
	if (rc < 0 && !(rc == -EPERM && !u->n_groups))
		return rc;
	rc = sys_setgid(u->gid, err);
	if (rc >= 0)
		rc = sys_setuid(u->uid, err);
	return rc < 0 ? rc : 0;
}
