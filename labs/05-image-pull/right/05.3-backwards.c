/* right 05.3: from the end, a better or equal one replaces */
int manifest_choose(const struct index *i, const struct platform *p, struct digest *ret, struct mc_err *err)
{
	int best = 0;

	for (size_t n = i->count; n-- > 0;) {
		int rating = platform_match(&i->entries[n].platform, p);
		if (rating && rating >= best) {
			best = rating;
			*ret = i->entries[n].digest;
		}
	}
	if (!best && i->count == 1 && !i->entries[0].platform.os[0]) {
		*ret = i->entries[0].digest;
		return 0;
	}
	return best ? 0 : err_set(err, ENOENT, "nothing for this machine");
}
