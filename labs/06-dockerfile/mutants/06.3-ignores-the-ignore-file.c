/* mutant 06.3 M-COPY-IGNORED: .dockerignore is not looked at */
int step_copy(struct build *b, const struct instruction *i, struct mc_err *err)
{
	const struct ignore *kept = b->all->context.tree.ignore;
	b->all->context.tree.ignore = NULL;
	int rc = TODO(06.3, step_copy, b, i, err);
	b->all->context.tree.ignore = kept;
	return rc;
}
