/* mutant 06.3 M-COPY-FIRST: only the first source is copied */
int step_copy(struct build *b, const struct instruction *i, struct mc_err *err)
{
	struct copy_plan plan;
	struct upper u = { .root = -1 };
	int rc = copy_plan_make(b, i, &plan, err);
	if (rc == 0)
		rc = upper_begin(b, &u, err);
	if (rc == 0 && plan.tops.n)
		rc = copy_plan_put(b, &plan, 0, u.root, err);
	if (rc == 0)
		rc = copy_plan_extra(b, &plan, u.root, err);
	if (rc == 0)
		rc = upper_commit(b, &u, err);
	upper_drop(b, &u);
	copy_plan_release(&plan);
	return rc;
}
