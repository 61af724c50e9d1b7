/* mutant 08.3 M-FILL-AGAIN: filled at each start */
int volume_fill(int volume, int image_dir, struct mc_err *err)
{
	if (!path_exists(volume, "filled")) {
		int rc = volume_copy_image(volume, image_dir, err);
		if (rc < 0)
			return rc;
	}
	int rc = volume_move_in(volume, err);
	return rc < 0 ? rc : 1;
}
