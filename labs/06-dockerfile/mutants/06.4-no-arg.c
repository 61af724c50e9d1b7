/* mutant 06.4 M-KEY-ARG: the words of RUN, without its environment */
int cache_key(const struct build *b, const struct instruction *i, struct digest *ret, struct mc_err *err)
{
	struct key k;
	if (i->kind != DO_RUN)
		return TODO(06.4, cache_key, b, i, ret, err);
	key_begin(&k, b, i->name);
	for (size_t n = 0; n < i->n_words; n++)
		key_add(&k, "word", i->words[n]);
	key_end(&k, ret);
	return 0;
}
