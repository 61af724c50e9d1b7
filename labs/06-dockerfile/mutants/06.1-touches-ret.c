/* mutant 06.1 M-EXP-FAILED: a failure leaves a text in *ret */
int expand(const char *text, const struct vars *v, char **ret, struct mc_err *err)
{
	int rc = TODO(06.1, expand, text, v, ret, err);
	if (rc < 0)
		*ret = xstrdup(text);
	return rc;
}
