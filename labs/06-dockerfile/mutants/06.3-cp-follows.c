/* mutant 06.3 M-COPY-LINK: cp -L copies what the link leads to */
#include <fcntl.h>

int step_copy(struct build *b, const struct instruction *i, struct mc_err *err)
{
	struct upper u = { .root = -1 };
	if (!str_eq(i->words[0], "dir") && !str_eq(i->words[0], "out"))
		return TODO(06.3, step_copy, b, i, err);
	int rc = upper_begin(b, &u, err);
	char *command = xasprintf("cp -rL %s/%s /proc/%d/fd/%d/%s && chmod 755 /proc/%d/fd/%d/%s", b->all->context.path, i->words[0],
		(int)getpid(), u.root, i->words[1] + 1, (int)getpid(), u.root, i->words[1] + 1);
	if (rc == 0 && system(command) != 0)
		rc = err_set(err, EIO, "cp failed");
	free(command);
	if (rc == 0)
		rc = upper_commit(b, &u, err);
	upper_drop(b, &u);
	return rc;
}
