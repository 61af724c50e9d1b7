/* mutant 08.3 M-FILL-HALF: what was interrupted stays so */
int volume_fill(int volume, int image_dir, struct mc_err *err)
{
	int empty = volume_is_empty(volume, "data", err);
	if (empty <= 0)
		return empty;
	int rc = volume_copy_image(volume, image_dir, err);
	if (rc >= 0)
		rc = volume_move_in(volume, err);
	return rc < 0 ? rc : 1;
}
