/* right 12.4: the loop returns at the first failure */
enum job_status job_verdict(const struct job *j, const int exits[], int n)
{
	for (int i = 0; i < n; i++) {
		bool allowed = j->allow_failure;
		if (!exits[i])
			continue;
		for (size_t k = 0; k < j->n_allowed; k++)
			allowed |= j->allowed[k] == exits[i];
		return allowed ? JOB_WARNING : JOB_FAILED;
	}
	return JOB_SUCCESS;
}
