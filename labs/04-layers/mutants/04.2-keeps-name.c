/* mutant 04.2 M-WH-KEPT: keeps .wh.x as a file */
int layer_whiteout(int dir, const char *tar_name, struct mc_err *err)
{
	int fd = sys_open(dir, tar_name, O_WRONLY | O_CREAT, 0600, err);

	if (fd >= 0)
		close(fd);
	return fd < 0 ? fd : 0;
}
