/* mutant 06.1 M-EXP-ESCAPE: the escape character is always a backslash */
int expand(const char *text, const struct vars *v, char **ret, struct mc_err *err)
{
	struct vars other = *v;
	other.escape = '\\';
	return TODO(06.1, expand, text, &other, ret, err);
}
