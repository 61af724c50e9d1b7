/* mutant 12.3 M-ART-WITHIN: every link with ".." is out */
static bool climbs(int dir, const char *path)
{
	char target[512] = "";
	return readlinkat(dir, path, target, sizeof(target) - 1) > 0 && str_starts(target, "..");
}

int job_artifacts(struct job *j, int dir, int store, struct mc_err *err)
{
	struct tree *t = NULL;
	const struct tree_item *i;
	int n = 0, rc = tree_open(dir, &t, err);
	while (rc >= 0 && (rc = tree_next(t, &i, err)) > 0) {
		if (str_eq(i->path, ".") || !path_set_has(&j->artifacts, i->path))
			continue;
		/* a later job, or the host, would follow it to a file of its own */
		if (path_link_leaves(dir, i->path) || climbs(dir, i->path)) {
			warn_user("job %s: %s is a link out of the work tree and is no artifact", j->name,
				i->path);
			continue;
		}
		rc = path_take(dir, i->path, store, false, err);
		n += rc > 0;
	}
	tree_close(t);
	return rc < 0 ? rc : n;
}
