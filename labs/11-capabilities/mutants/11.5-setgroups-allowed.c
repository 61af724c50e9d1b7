/* mutant 11.5 M-MAP-SETGROUPS: setgroups not denied */
int userns_map(pid_t pid, const struct id_map *uids, const struct id_map *gids, struct mc_err *err)
{
	char path[64];
	_cleanup_buf_ struct buf uid_text = { 0 }, gid_text = { 0 };

	map_text(uids, &uid_text);
	map_text(gids, &gid_text);
	snprintf(path, sizeof(path), "/proc/%d/gid_map", pid);
	int rc = sys_write_file(AT_FDCWD, path, gid_text.data, err);
	snprintf(path, sizeof(path), "/proc/%d/uid_map", pid);
	return rc < 0 ? rc : sys_write_file(AT_FDCWD, path, uid_text.data, err);
}
