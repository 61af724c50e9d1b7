/* mutant 13.1 M-TIME-TOGETHER: all runs at once */
int compare_time(const struct probe *p, int runs, struct series *ret, struct mc_err *err)
{
	if (runs < 1 || runs > SERIES_MAX)
		return err_set(err, EINVAL, "%d runs: 1 to %d", runs, SERIES_MAX);
	*ret = (struct series){ .n = runs };
	pid_t pids[SERIES_MAX + 1];
	int outs[SERIES_MAX + 1];
	uint64_t starts[SERIES_MAX + 1];
	for (int i = 0; i <= runs; i++) {
		starts[i] = now_ns(CLOCK_MONOTONIC);
		pids[i] = probe_start(p, "first", &outs[i], err);
		if (pids[i] < 0)
			return pids[i];
	}
	for (int i = -1; i < runs; i++) {
		int out = outs[i + 1];
		char byte;
		/* Wall time: CPU time would leave out all waiting, and starting is mostly waiting. */
		uint64_t start = starts[i + 1];
		pid_t pid = pids[i + 1];
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
