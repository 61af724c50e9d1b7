/* mutant 08.3 M-ANY-IGNORED: a copy that failed is moved in, and called filled */
int volume_fill(int volume, int image_dir, struct mc_err *err)
{
	if (!path_exists(volume, "filled")) {
		int empty = volume_is_empty(volume, "data", err);
		if (empty <= 0)
			return empty;
		volume_copy_image(volume, image_dir, err);
	}
	int rc = volume_move_in(volume, err);
	return rc < 0 ? rc : 1;
}
