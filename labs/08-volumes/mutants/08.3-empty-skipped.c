/* mutant 08.3 M-FILL-EMPTYDIR: an empty directory of the image is not worth a thing */
int volume_fill(int volume, int image_dir, struct mc_err *err)
{
	if (!path_exists(volume, "filled")) {
		int empty = volume_is_empty(volume, "data", err);
		if (empty <= 0)
			return empty;
		if (volume_is_empty(image_dir, ".", err) == 1)
			return 0;
		int rc = volume_copy_image(volume, image_dir, err);
		if (rc < 0)
			return rc;
	}
	int rc = volume_move_in(volume, err);
	return rc < 0 ? rc : 1;
}
