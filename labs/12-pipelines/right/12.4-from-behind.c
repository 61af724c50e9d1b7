/* right 12.4: the first failure is the last that a walk from behind meets */
enum job_status job_verdict(const struct job *j, const int exits[], int n)
{
	int first = n;
	for (int i = n; i-- > 0;)
		first = exits[i] ? i : first;
	if (first >= n)
		return JOB_SUCCESS;
	for (size_t i = 0; i < j->n_allowed; i++)
		if (j->allowed[i] == exits[first])
			return JOB_WARNING;
	return j->allow_failure ? JOB_WARNING : JOB_FAILED;
}
