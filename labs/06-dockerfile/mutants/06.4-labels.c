/* mutant 06.4 M-KEY-LABEL: the whole configuration is in the key */
int cache_key(const struct build *b, const struct instruction *i, struct digest *ret, struct mc_err *err)
{
	struct key k;
	char *config = json_dump(json_member(b->config.image, "config"), false);
	key_begin(&k, b, i->name);
	key_add(&k, "config", config);
	free(config);
	int rc = i->kind == DO_RUN ? run_key(b, i, &k, err) : copy_key(b, i, &k, err);
	key_end(&k, ret);
	return rc;
}
