/* mutant 06.3 M-COPY-MODE: bytes are copied, modes are not */
int step_copy(struct build *b, const struct instruction *i, struct mc_err *err)
{
	struct copy_plan plan;
	struct upper u = { .root = -1 };
	int rc = copy_plan_make(b, i, &plan, err);
	plan.into.chmod = "0644";
	if (rc == 0)
		rc = upper_begin(b, &u, err);
	for (size_t n = 0; rc == 0 && n < plan.tops.n; n++)
		rc = copy_plan_put(b, &plan, n, u.root, err);
	if (rc == 0)
		rc = copy_plan_extra(b, &plan, u.root, err);
	if (rc == 0)
		rc = upper_commit(b, &u, err);
	upper_drop(b, &u);
	copy_plan_release(&plan);
	return rc;
}
