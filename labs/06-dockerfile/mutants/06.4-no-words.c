/* mutant 06.4 M-KEY-WORDS: the environment of RUN, without its words */
int cache_key(const struct build *b, const struct instruction *i, struct digest *ret, struct mc_err *err)
{
	struct key k;
	if (i->kind != DO_RUN)
		return TODO(06.4, cache_key, b, i, ret, err);
	key_begin(&k, b, i->name);
	for (char **e = b->config.vars; e && *e; e++)
		key_add(&k, "variable", *e);
	key_end(&k, ret);
	return 0;
}
