/* mutant 13.1 M-TIME-COLD: one cold run, told as many */
int compare_time(const struct probe *p, int runs, struct series *ret, struct mc_err *err)
{
	int out = -1;
	char byte;
	if (runs < 1 || runs > SERIES_MAX)
		return err_set(err, EINVAL, "runs");
	uint64_t start = now_ns(CLOCK_MONOTONIC);
	pid_t pid = probe_start(p, "first", &out, err);
	if (pid < 0)
		return pid;
	ssize_t n = read(out, &byte, 1);
	uint64_t first = now_ns(CLOCK_MONOTONIC) - start;
	int rc = probe_end(p, pid, &out, err);
	if (rc < 0 || n != 1)
		return rc < 0 ? rc : -EIO;
	*ret = (struct series){ .n = runs, .median_first = first, .median_end = now_ns(CLOCK_MONOTONIC) - start };
	for (int i = 0; i < runs; i++) {
		ret->first[i] = ret->median_first;
		ret->end[i] = ret->median_end;
	}
	return 0;
}
