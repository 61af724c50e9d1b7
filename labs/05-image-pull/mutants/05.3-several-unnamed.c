/* mutant 05.3 M-CHOOSE-SINGLE: the first of several entries without a platform */
int manifest_choose(const struct index *i, const struct platform *p, struct digest *ret, struct mc_err *err)
{
	size_t best = 0;
	int highest = 0;
	for (size_t n = 0; n < i->count; n++) {
		int rating = platform_match(&i->entries[n].platform, p);
		if (rating > highest) {
			highest = rating;
			best = n;
		}
	}
	if (highest == 0 && !(!i->entries[0].platform.os[0]))
		return err_set(err, ENOENT, "no match");
	*ret = i->entries[best].digest;
	return 0;
}
