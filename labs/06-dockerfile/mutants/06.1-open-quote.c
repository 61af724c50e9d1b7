/* mutant 06.1 M-EXP-OPEN: an open quote is closed by guess */
int expand(const char *text, const struct vars *v, char **ret, struct mc_err *err)
{
	int rc = TODO(06.1, expand, text, v, ret, err);
	if (rc < 0 && (*text == '\'' || *text == '"')) {
		*ret = xstrdup(text + 1);
		return 0;
	}
	return rc;
}
