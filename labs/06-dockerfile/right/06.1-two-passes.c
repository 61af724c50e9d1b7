/* right 06.1: quotes by recursion instead of a state */
static int plain(const char **p, char stop, const struct vars *v, struct buf *out, struct mc_err *err)
{
	char escape = v->escape ? v->escape : '\\';
	while (**p && **p != stop) {
		if (**p == '$') {
			int rc = expand_dollar(p, v, out, err);
			if (rc < 0)
				return rc;
		} else if (!stop && !v->keep_quotes && (**p == '"' || **p == '\'')) {
			char quote = *(*p)++;
			if (quote == '\'') {
				size_t n = strcspn(*p, "'");
				buf_add(out, *p, n);
				*p += n;
			} else {
				int rc = plain(p, '"', v, out, err);
				if (rc < 0)
					return rc;
			}
			if (**p != quote)
				return err_set(err, EINVAL, "an open quote");
			++*p;
		} else if (**p == escape && (!stop || (*p)[1] == '"' || (*p)[1] == '$' || (*p)[1] == escape)) {
			if (v->keep_escapes)
				buf_addc(out, **p);
			++*p;
			if (**p)
				buf_addc(out, *(*p)++);
		} else {
			buf_addc(out, *(*p)++);
		}
	}
	return 0;
}

int expand(const char *text, const struct vars *v, char **ret, struct mc_err *err)
{
	struct buf out = { 0 };
	const char *p = text;
	int rc = plain(&p, 0, v, &out, err);
	if (rc < 0) {
		buf_release(&out);
		return rc;
	}
	*ret = buf_take(&out);
	return 0;
}
