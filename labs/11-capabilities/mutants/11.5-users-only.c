/* mutant 11.5 M-MAP-BOTH: the users' map only */
int userns_map(pid_t pid, const struct id_map *uids, const struct id_map *gids, struct mc_err *err)
{
	char path[64], text[64];
	int rc;

	snprintf(text, sizeof(text), "%u %u %u", uids->range[0].inside, uids->range[0].outside,
		uids->range[0].count);
	snprintf(path, sizeof(path), "/proc/%d/uid_map", pid);
	rc = sys_write_file(AT_FDCWD, path, text, err);
	return gids->n && rc < 0 ? rc : 0;
}
