/* mutant 06.1 M-EXP-BACKSLASH: in double quotes each backslash vanishes */
int expand(const char *text, const struct vars *v, char **ret, struct mc_err *err)
{
	if (*text == '"' && strchr(text, '\\')) {
		struct buf out = { 0 };
		for (const char *c = text + 1; *c && (*c != '"' || c[-1] == '\\'); c++) {
			if (*c == '\\' && c[1])
				c++;
			buf_addc(&out, *c);
		}
		*ret = buf_take(&out);
		return 0;
	}
	return TODO(06.1, expand, text, v, ret, err);
}
