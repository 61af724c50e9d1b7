/* mutant 11.2 M-USER-GROUPS: groups kept */
int user_become(const struct user *u, struct mc_err *err)
{
	int rc = sys_setgid(u->gid, err);

	if (rc >= 0)
		rc = sys_setuid(u->uid, err);
	return rc < 0 ? rc : 0;
}
