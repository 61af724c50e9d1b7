/* right 12.1: two passes: first what is skipped, then what starts */
static bool waits_over(const struct pipeline *p, const struct job *j, bool *failed, bool *broken)
{
	*failed = *broken = false;
	for (size_t k = 0; k < p->n_jobs; k++) {
		const struct job *other = &p->jobs[k];
		if (other == j || !job_waits_for(p, j, other))
			continue;
		if (!job_is_over(other, j->by_needs))
			return false;
		*failed |= other->status == JOB_FAILED;
		*broken |= other->status == JOB_CANCELED || (j->by_needs && other->status == JOB_SKIPPED);
	}
	return true;
}

int jobs_start(struct pipeline *p, struct job *ready[], struct mc_err *err)
{
	size_t running = 0, n = 0;
	bool failed, broken;
	for (bool again = true; again;) {
		again = false;
		for (struct job *j = p->jobs; j < p->jobs + p->n_jobs; j++) {
			if (j->status != JOB_WAITING || !waits_over(p, j, &failed, &broken))
				continue;
			bool agrees = j->when == WHEN_ALWAYS || (j->when == WHEN_ON_FAILURE ? failed : !failed && !broken);
			if (!agrees)
				j->status = JOB_SKIPPED, again = true;
		}
	}
	for (struct job *j = p->jobs; j < p->jobs + p->n_jobs; j++)
		running += j->status == JOB_RUNNING;
	for (struct job *j = p->jobs; j < p->jobs + p->n_jobs && running < p->at_once; j++) {
		if (j->status != JOB_WAITING || !waits_over(p, j, &failed, &broken))
			continue;
		fflush(NULL);
		pid_t pid = fork();
		if (pid == 0)
			_exit(p->work(p, j));
		if (pid < 0)
			return err_sys(err, "fork()");
		j->pid = pid;
		j->status = JOB_RUNNING;
		ready[n++] = j;
		running++;
	}
	return (int)n;
}
