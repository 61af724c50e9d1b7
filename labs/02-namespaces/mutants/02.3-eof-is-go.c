/* mutant 02.3 M-GO-EOF: end of file taken for go */
int namespace_wait_go(int sync, struct mc_err *err)
{
	char byte;

	if (read(sync, &byte, 1) < 0 && errno != ECONNRESET)
		return err_sys(err, "read");
	return 0;
}
