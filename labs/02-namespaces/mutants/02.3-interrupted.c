/* mutant 02.3 M-GO-EINTR: a signal ends the waiting */
int namespace_wait_go(int sync, struct mc_err *err)
{
	char byte;
	ssize_t n = read(sync, &byte, 1);

	if (n < 0)
		return err_sys(err, "read");
	return n ? 0 : err_set(err, EPIPE, "the parent is gone");
}
