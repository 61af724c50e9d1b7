/* mutant 08.5 M-MOVE-MORE: the folder around travels, too */
int volume_move(int from, struct tar_writer *out, struct mc_err *err)
{
	_cleanup_close_ int around = openat(from, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc = tree_write(from, "data/", out, err);
	_cleanup_close_ int beside =
		rc < 0 ? -1 : openat(around, "beside", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return rc < 0 || beside < 0 ? rc : tree_write(beside, "beside/", out, err);
}
