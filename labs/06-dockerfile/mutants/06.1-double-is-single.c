/* mutant 06.1 M-EXP-DOUBLE: nothing is replaced in double quotes */
int expand(const char *text, const struct vars *v, char **ret, struct mc_err *err)
{
	size_t n = strlen(text);
	if (n > 1 && *text == '"' && text[n - 1] == '"' && strchr(text, '$')) {
		*ret = xstrndup(text + 1, n - 2);
		return 0;
	}
	return TODO(06.1, expand, text, v, ret, err);
}
