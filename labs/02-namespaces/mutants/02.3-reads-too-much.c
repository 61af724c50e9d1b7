/* mutant 02.3 M-GO-SWALLOWED: reads up to 512 bytes: what the parent sends after go is swallowed */
int namespace_wait_go(int sync, struct mc_err *err)
{
	char bytes[512];
	ssize_t n;
	while ((n = read(sync, bytes, sizeof(bytes))) < 0 && errno == EINTR)
		;
	if (n > 0)
		return 0;
	return n < 0 ? err_sys(err, "read") : err_set(err, EPIPE, "gone");
}
