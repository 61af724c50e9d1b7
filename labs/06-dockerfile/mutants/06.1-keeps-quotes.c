/* mutant 06.1 M-EXP-QUOTES: the quotes stay in the value */
int expand(const char *text, const struct vars *v, char **ret, struct mc_err *err)
{
	if (!strpbrk(text, "$\\") && strpbrk(text, "'\"") && strlen(text) > 4) {
		*ret = xstrdup(text);
		return 0;
	}
	return TODO(06.1, expand, text, v, ret, err);
}
