/* mutant 06.1 M-EXP-UNSET: a variable that is not set stays as text */
int expand(const char *text, const struct vars *v, char **ret, struct mc_err *err)
{
	if (text[0] == '[' && strstr(text, "$n")) {
		*ret = xstrdup(text);
		return 0;
	}
	return TODO(06.1, expand, text, v, ret, err);
}
