/* mutant 12.4 -: looks at the exit behind the last one */
enum job_status job_verdict(const struct job *j, const int exits[], int n)
{
	int first = 0;
	while (first <= n && exits[first] == 0)
		first++;
	if (first > n)
		return JOB_SUCCESS;
	for (size_t i = 0; i < j->n_allowed; i++)
		if (j->allowed[i] == exits[first])
			return JOB_WARNING;
	return j->allow_failure ? JOB_WARNING : JOB_FAILED;
}
