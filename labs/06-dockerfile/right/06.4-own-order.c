/* right 06.4: another order, another first word */
int cache_key(const struct build *b, const struct instruction *i, struct digest *ret, struct mc_err *err)
{
	struct key k;
	int rc = -EINVAL;
	key_begin(&k, b, i->kind == DO_RUN ? "r" : "c");
	switch (i->kind) {
	case DO_RUN: rc = run_key(b, i, &k, err); break;
	case DO_COPY:
	case DO_ADD: rc = copy_key(b, i, &k, err); break;
	default:
		key_add(&k, "line", i->line);
		key_add(&k, "owner", stage_config_user(&b->config));
		rc = 0;
	}
	key_end(&k, ret);
	return rc;
}
