/* mutant 06.2 M-RUN-PARENT: the program runs in the layer below, nothing is copied up */
#include <fcntl.h>

int step_run(struct build *b, const struct instruction *i, struct mc_err *err)
{
	char **lower = build_lower(b, NULL);
	struct upper u = { .root = open(lower[0], O_RDONLY | O_DIRECTORY | O_CLOEXEC) };
	int status = 0;
	int rc = run_program(b, i, &u, &status, err);
	close_fd(u.root);
	strv_free(lower);
	return rc == 0 && status != 0 ? err_set(err, ECHILD, "exit code: %d", status) : rc;
}
