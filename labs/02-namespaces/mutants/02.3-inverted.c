/* mutant 02.3 M-GO-INVERTED: the number of bytes is handed on as the result */
int namespace_wait_go(int sync, struct mc_err *err)
{
	char byte;
	ssize_t n;

	do
		n = read(sync, &byte, 1);
	while (n < 0 && errno == EINTR);
	return n < 0 ? err_sys(err, "read") : n ? (int)n : err_set(err, EPIPE, "the parent is gone");
}
