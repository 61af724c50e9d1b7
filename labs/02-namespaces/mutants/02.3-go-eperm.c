/* mutant 02.3 M-GO-ERROR: the end of the connection is -EPERM, not -EPIPE */
int namespace_wait_go(int sync, struct mc_err *err)
{
	char byte;
	ssize_t n;
	do
		n = read(sync, &byte, 1);
	while (n < 0 && errno == EINTR);
	return n == 1 ? 0 : err_set(err, EPERM, "no go");
}
