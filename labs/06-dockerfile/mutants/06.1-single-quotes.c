/* mutant 06.1 M-EXP-SINGLE: expands in single quotes, as if they were double ones */
int expand(const char *text, const struct vars *v, char **ret, struct mc_err *err)
{
	char *same = xstrdup(text);
	for (char *c = same; *c; c++)
		if (*c == '\'')
			*c = '"';
	int rc = TODO(06.1, expand, same, v, ret, err);
	free(same);
	return rc;
}
