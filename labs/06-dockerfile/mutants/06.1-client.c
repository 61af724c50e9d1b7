/* mutant 06.1 M-EXP-CLIENT: the environment of the builder itself is seen */
#include <unistd.h>

int expand(const char *text, const struct vars *v, char **ret, struct mc_err *err)
{
	char **all = NULL;
	for (char **e = environ; *e; e++)
		strv_push(&all, *e);
	for (char *const *e = v->values; e && *e; e++)
		strv_push(&all, *e);
	struct vars more = *v;
	more.values = all;
	int rc = TODO(06.1, expand, text, &more, ret, err);
	strv_free(all);
	return rc;
}
