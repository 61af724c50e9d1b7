/* mutant 05.3 M-CHOOSE-BEST: the first that fits at all, not the one that fits best (arm/v6 before arm/v7) */
int manifest_choose(const struct index *i, const struct platform *p, struct digest *ret, struct mc_err *err)
{
	for (size_t n = 0; n < i->count; n++)
		if (platform_match(&i->entries[n].platform, p) > 0) {
			*ret = i->entries[n].digest;
			return 0;
		}
	return err_set(err, ENOENT, "no matching manifest");
}
