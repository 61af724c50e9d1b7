/* mutant 12.4 M-VERDICT-LAST: the status of the last command */
enum job_status job_verdict(const struct job *j, const int exits[], int n)
{
	int last = n > 0 ? exits[n - 1] : 0;
	if (last == 0)
		return JOB_SUCCESS;
	for (size_t i = 0; i < j->n_allowed; i++)
		if (j->allowed[i] == last)
			return JOB_WARNING;
	return j->allow_failure ? JOB_WARNING : JOB_FAILED;
}
