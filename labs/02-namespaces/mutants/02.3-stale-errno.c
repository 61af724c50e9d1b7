/* mutant 02.3 M-GO-ERROR: the end of file is reported by errno, which is of an earlier call */
int namespace_wait_go(int sync, struct mc_err *err)
{
	char byte;
	ssize_t n;
	do
		n = read(sync, &byte, 1);
	while (n < 0 && errno == EINTR);
	if (n == 1)
		return 0;
	if (n <= 0)
		return err_sys(err, "waiting for go");
	err_set(err, EPIPE, "waiting for go: the other side went away without saying it");
	return err_hint(err, "the process that was preparing this container died; try again");
}
