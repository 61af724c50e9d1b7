/* mutant 02.3 M-GO-EOF: end of file taken for go */
int namespace_wait_go(int sync, struct mc_err *err)
{
	char byte;
	ssize_t n;

	do
		n = read(sync, &byte, 1);
	while (n < 0 && errno == EINTR);
	return n < 0 && errno != ECONNRESET ? err_sys(err, "read") : 0;
}
