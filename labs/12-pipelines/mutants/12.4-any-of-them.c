/* mutant 12.4 M-VERDICT-FIRST: any allowed code among the exits is enough */
enum job_status job_verdict(const struct job *j, const int exits[], int n)
{
	bool failed = false, allowed = j->allow_failure;
	for (int i = 0; i < n; i++) {
		failed = failed || exits[i];
		for (size_t k = 0; exits[i] && k < j->n_allowed; k++)
			allowed = allowed || j->allowed[k] == exits[i];
	}
	return !failed ? JOB_SUCCESS : allowed ? JOB_WARNING : JOB_FAILED;
}
