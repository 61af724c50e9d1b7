/* mutant 11.5 M-MAP-ALLOW: denies setgroups also for a privileged caller */
int userns_map(pid_t pid, const struct id_map *uids, const struct id_map *gids, struct mc_err *err)
{
	_cleanup_buf_ struct buf uid_text = { 0 }, gid_text = { 0 };
	char uid_file[64], gid_file[64], setgroups[64];
	bool root = caps_have(CAP_SETUID) && caps_have(CAP_SETGID);
	if (uids->n > RANGES_MAX || gids->n > RANGES_MAX)
		return err_set(err, EINVAL, "a map of ids has at most %d ranges", RANGES_MAX);
	snprintf(uid_file, sizeof(uid_file), "/proc/%d/uid_map", pid);
	snprintf(gid_file, sizeof(gid_file), "/proc/%d/gid_map", pid);
	snprintf(setgroups, sizeof(setgroups), "/proc/%d/setgroups", pid);
	map_text(uids, &uid_text);
	map_text(gids, &gid_text);
	int rc = 0;
	if (gids->n && (root || only_own(gids, getegid()))) {
		rc = sys_write_file(AT_FDCWD, setgroups, "deny", err);
		if (rc >= 0)
			rc = sys_write_file(AT_FDCWD, gid_file, gid_text.data, err);
	} else if (gids->n) {
		rc = map_by_helper("newgidmap", pid, gids, err);
	}
	if (rc < 0 || !uids->n)
		return rc;
	if (root || only_own(uids, geteuid()))
		return sys_write_file(AT_FDCWD, uid_file, uid_text.data, err);
	return map_by_helper("newuidmap", pid, uids, err);
}
