/* mutant 02.3 M-GO-EARLY: only looks whether the socket is there */
int namespace_wait_go(int sync, struct mc_err *err)
{
	return sync < 0 ? err_set(err, EBADF, "no socket") : 0;
}
