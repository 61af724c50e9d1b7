/* mutant 13.1 -: 64 runs are too many */
int compare_time(const struct probe *p, int runs, struct series *ret, struct mc_err *err)
{
	if (runs < 1 || runs >= SERIES_MAX)
		return err_set(err, EINVAL, "%d runs: 1 to %d", runs, SERIES_MAX);
	*ret = (struct series){ .n = runs };
	for (int i = -1; i < runs; i++) {
		int out = -1;
		char byte;
		/* Wall time: CPU time would leave out all waiting, and starting is mostly waiting. */
		uint64_t start = now_ns(CLOCK_MONOTONIC);
		pid_t pid = probe_start(p, "first", &out, err);
		if (pid < 0)
			return pid;
		ssize_t n = read(out, &byte, 1);
		uint64_t first = now_ns(CLOCK_MONOTONIC);
		int rc = probe_end(p, pid, &out, err);
		if (rc == 0 && n != 1)
			rc = err_set(err, EIO, "%s: the probe wrote nothing", p->name);
		if (rc < 0)
			return rc;
		if (i < 0)
			continue;
		ret->first[i] = first - start;
		ret->end[i] = now_ns(CLOCK_MONOTONIC) - start;
	}
	ret->median_first = median_of(ret->first, runs);
	ret->median_end = median_of(ret->end, runs);
	return 0;
}
