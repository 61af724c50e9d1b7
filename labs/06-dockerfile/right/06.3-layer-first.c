/* right 06.3: the layer is opened before the sources are looked for */
int step_copy(struct build *b, const struct instruction *i, struct mc_err *err)
{
	struct copy_plan plan = { .view = -1 };
	struct upper u = { .root = -1 };
	bool planned = false;
	int rc = upper_begin(b, &u, err);
	if (rc == 0) {
		planned = true;
		rc = copy_plan_make(b, i, &plan, err);
	}
	for (size_t n = 0; rc == 0 && n < plan.tops.n; n++)
		rc = copy_plan_put(b, &plan, n, u.root, err);
	if (rc == 0)
		rc = copy_plan_extra(b, &plan, u.root, err);
	if (rc == 0)
		rc = upper_commit(b, &u, err);
	upper_drop(b, &u);
	if (planned)
		copy_plan_release(&plan);
	return rc;
}
