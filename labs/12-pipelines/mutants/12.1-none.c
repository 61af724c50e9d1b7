/* mutant 12.1 M-JOBS-NONE: all jobs are told to be ready, no process is made */
int jobs_start(struct pipeline *p, struct job *ready[], struct mc_err *err)
{
	int n = 0;
	for (size_t i = 0; i < p->n_jobs; i++)
		if (p->jobs[i].status == JOB_WAITING)
			ready[n++] = &p->jobs[i];
	return 0;
}
