/* mutant 02.3 M-GO-INVERTED: a parent that takes longer than half a second is taken for dead */
#include <poll.h>
#include <time.h>
int namespace_wait_go(int sync, struct mc_err *err)
{
	struct pollfd p = { .fd = sync, .events = POLLIN };
	uint64_t end = now_ns(CLOCK_MONOTONIC) + 500000000ull;
	int n;
	do {
		int64_t left = (int64_t)(end - now_ns(CLOCK_MONOTONIC)) / 1000000;
		n = poll(&p, 1, left > 0 ? (int)left : 0);
	} while (n < 0 && errno == EINTR);
	char byte;
	if (n == 0)
		return err_set(err, EPIPE, "time is up");
	return read(sync, &byte, 1) == 1 ? 0 : err_set(err, EPIPE, "gone");
}
