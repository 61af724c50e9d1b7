/* right 13.1: the warm-up by itself, then a loop; the first byte awaited with poll(2) */
#include <poll.h>

static int one_run(const struct probe *p, uint64_t *first, uint64_t *end, struct mc_err *err)
{
	int out = -1;
	char bytes[16];
	uint64_t start = now_ns(CLOCK_MONOTONIC);
	pid_t pid = probe_start(p, "first", &out, err);
	if (pid < 0)
		return pid;
	struct pollfd fd = { out, POLLIN, 0 };
	while (poll(&fd, 1, -1) < 0 && errno == EINTR)
		;
	ssize_t n = read(out, bytes, sizeof(bytes));
	*first = now_ns(CLOCK_MONOTONIC) - start;
	int rc = probe_end(p, pid, &out, err);
	*end = now_ns(CLOCK_MONOTONIC) - start;
	return rc < 0 ? rc : n > 0 ? 0 : err_set(err, EIO, "no byte");
}

int compare_time(const struct probe *p, int runs, struct series *ret, struct mc_err *err)
{
	uint64_t first, end;
	if (runs <= 0 || runs > SERIES_MAX)
		return err_set(err, EINVAL, "runs");
	int rc = one_run(p, &first, &end, err);
	memset(ret, 0, sizeof(*ret));
	for (ret->n = 0; rc == 0 && ret->n < runs; ret->n++)
		rc = one_run(p, &ret->first[ret->n], &ret->end[ret->n], err);
	ret->median_first = median_of(ret->first, ret->n);
	ret->median_end = median_of(ret->end, ret->n);
	return rc;
}
