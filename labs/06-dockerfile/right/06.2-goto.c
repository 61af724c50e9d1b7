/* right 06.2: the same road with goto */
int step_run(struct build *b, const struct instruction *i, struct mc_err *err)
{
	struct upper u;
	int status = 0, rc = upper_begin(b, &u, err);
	if (rc < 0)
		goto out;
	rc = run_program(b, i, &u, &status, err);
	if (rc < 0)
		goto out;
	if (status) {
		rc = run_failed(b, i, &u, status, err);
		goto out;
	}
	rc = upper_commit(b, &u, err);
out:
	upper_drop(b, &u);
	return rc;
}
