/* mutant 06.2 M-RUN-HALF: a failed RUN leaves its layer */
int step_run(struct build *b, const struct instruction *i, struct mc_err *err)
{
	struct upper u;
	int status = 0;
	int rc = upper_begin(b, &u, err);
	if (rc == 0)
		rc = run_program(b, i, &u, &status, err);
	if (rc == 0)
		rc = upper_commit(b, &u, err);
	upper_drop(b, &u);
	return rc == 0 && status != 0 ? err_set(err, ECHILD, "exit code: %d", status) : rc;
}
