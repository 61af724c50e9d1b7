/* mutant 06.2 M-RUN-EARLY: one layer late: what the RUN changed is committed with the next one */
#include <sys/stat.h>

int step_run(struct build *b, const struct instruction *i, struct mc_err *err)
{
	struct upper u;
	struct digest none = { "" };
	int rc = upper_begin(b, &u, err);
	if (rc == 0)
		rc = mkdirat(u.root, i->at.line % 2 ? "odd" : "even", 0755);
	if (rc == 0)
		rc = upper_commit(b, &u, err);
	upper_drop(b, &u);
	(void)none;
	int status = 0;
	if (rc == 0)
		rc = upper_begin(b, &u, err);
	if (rc == 0)
		rc = run_program(b, i, &u, &status, err);
	upper_drop(b, &u);
	return rc;
}
