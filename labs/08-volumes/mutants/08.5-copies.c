/* mutant 08.5 M-MOVE-LINKS: each name is a file of its own */
int volume_move(int from, struct tar_writer *out, struct mc_err *err)
{
	struct tree *t = NULL;
	const struct tree_item *item;
	int rc = tree_open(from, &t, err);
	while (rc >= 0 && (rc = tree_next(t, &item, err)) > 0) {
		struct tree *alone = NULL;
		if (S_ISREG(item->st.st_mode)) {
			_cleanup_close_ int fd =
				openat(item->dir, item->name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
			struct tar_entry e = { .path = xasprintf("data/%s", item->path), .st = item->st };
			rc = fd < 0 ? err_sys(err, "open") : tar_add_file(out, &e, fd, err);
			free(e.path);
		} else {
			rc = tree_add(t, "data/", out, err);
		}
		(void)alone;
	}
	tree_close(t);
	return rc;
}
