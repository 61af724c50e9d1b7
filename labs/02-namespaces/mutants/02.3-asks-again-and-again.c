/* mutant 02.3 M-GO-SPIN: makes the descriptor non-blocking and asks again and again */
#include <errno.h>
#include <fcntl.h>
int namespace_wait_go(int sync, struct mc_err *err)
{
	char b;
	ssize_t n;
	fcntl(sync, F_SETFL, O_NONBLOCK);
	do
		n = read(sync, &b, 1);
	while (n < 0 && (errno == EINTR || errno == EAGAIN));
	return n == 1 ? 0 : err_set(err, EPIPE, "gone");
}
