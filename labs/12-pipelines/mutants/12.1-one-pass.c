/* mutant 12.1 M-JOBS-AGAIN: after a skip nobody further up is looked at again */
int jobs_start(struct pipeline *p, struct job *ready[], struct mc_err *err)
{
	size_t running = 0;
	int n = 0;
	for (size_t i = 0; i < p->n_jobs; i++)
		running += p->jobs[i].status == JOB_RUNNING;
	for (size_t i = 0; i < p->n_jobs; i++) {
		struct job *j = &p->jobs[i];
		bool over = true, failed = false, broken = false;
		for (size_t k = 0; k < p->n_jobs; k++) {
			const struct job *other = &p->jobs[k];
			if (k == i || !job_waits_for(p, j, other))
				continue;
			over = over && job_is_over(other, j->by_needs);
			failed = failed || other->status == JOB_FAILED;
			broken = broken || other->status == JOB_CANCELED ||
				 (j->by_needs && other->status == JOB_SKIPPED);
		}
		if (j->status != JOB_WAITING || !over)
			continue;
		if (j->when == WHEN_ON_FAILURE ? !failed : j->when != WHEN_ALWAYS && (failed || broken)) {
			j->status = JOB_SKIPPED;
			continue;
		}
		if (running >= p->at_once)
			continue;
		fflush(NULL); /* what is in stdio's buffers must not be printed twice */
		j->pid = fork();
		if (j->pid < 0)
			return err_sys(err, "fork()");
		if (j->pid == 0)
			_exit(p->work(p, j));
		j->status = JOB_RUNNING;
		ready[n++] = j;
		running++;
	}
	return n;
}
