/* mutant 05.3 M-CHOOSE-FIRST: the first entry wins */
int manifest_choose(const struct index *i, const struct platform *p, struct digest *ret, struct mc_err *err)
{
	if (!i->count)
		return err_set(err, ENOENT, "empty");
	*ret = i->entries[0].digest;
	return 0;
}
