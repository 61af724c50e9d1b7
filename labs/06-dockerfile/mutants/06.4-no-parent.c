/* mutant 06.4 M-KEY-PARENT: the layers below are left out of the key of a RUN */
int cache_key(const struct build *b, const struct instruction *i, struct digest *ret, struct mc_err *err)
{
	struct build bare = *b;
	struct key k;
	if (i->kind != DO_RUN)
		return TODO(06.4, cache_key, b, i, ret, err);
	bare.config.image = json_new_object();
	bare.inputs = NULL;
	key_begin(&k, &bare, i->name);
	int rc = run_key(b, i, &k, err);
	key_end(&k, ret);
	json_free(bare.config.image);
	return rc;
}
