/* mutant 06.4 M-KEY-WORKDIR: the user of WORKDIR is not in its key */
int cache_key(const struct build *b, const struct instruction *i, struct digest *ret, struct mc_err *err)
{
	struct key k;
	int rc = 0;
	key_begin(&k, b, i->name); /* the layers below come first: a miss makes all that follows miss */
	if (i->kind == DO_RUN) {
		rc = run_key(b, i, &k, err);
	} else if (i->kind == DO_COPY || i->kind == DO_ADD) {
		rc = copy_key(b, i, &k, err);
	} else { /* WORKDIR: a directory, owned by USER */
		_cleanup_free_ char *path = stage_config_path(&b->config, i->words[0]);
		key_add(&k, "path", path);
	}
	key_end(&k, ret);
	return rc;
}
