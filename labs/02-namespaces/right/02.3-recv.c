/* right 02.3: poll, then read */
int namespace_wait_go(int sync, struct mc_err *err)
{
	char bytes[1]; /* no more than "go" */

	for (;;) {
		ssize_t n = read(sync, bytes, sizeof(bytes));
		if (n > 0)
			return 0;
		if (n == 0 || errno != EINTR)
			return err_set(err, EPIPE, "the parent has gone");
	}
}
